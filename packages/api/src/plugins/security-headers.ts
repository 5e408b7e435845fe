import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Names that mean the browser's own computer; its other servers are not ours to speak for. */
const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Nothing from elsewhere, in no frame. Over plain http a browser must not be told to insist on https; nor for localhost,
 * where that binds every port, such as the one on which `terraform login` waits for its code in plain http.
 */
export const securityHeaders = fastifyPlugin(async (app: FastifyInstance, { publicUrl }: { publicUrl: string }) => {
  const { protocol, hostname } = new URL(publicUrl);
  const isHttps = protocol === 'https:';
  await app.register(helmet, {
    hsts: isHttps && !loopback.includes(hostname),
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // The page's component library sets styles from scripts.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: isHttps ? [] : null,
      },
    },
  });
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', notKept);
  });
});

/**
 * Answers hold tokens, variables and logs, and what they hold depends on who asks: no browser and no proxy keeps one
 * that does not say otherwise.
 */
const notKept = 'no-store';

/** For answers that come before any plugin: data that nothing is to be made of. */
export const bareSecurityHeaders = {
  'cache-control': notKept,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;
