import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Names that mean the browser's own computer; its other servers are not ours to speak for. */
const loopback = ['localhost', '127.0.0.1', '[::1]'];

const ofEveryAnswer = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

/**
 * Nothing from elsewhere, in no frame. Over plain http a browser must not be told to insist on https; nor for localhost,
 * where that binds every port, such as the one on which `terraform login` waits for its code in plain http.
 */
export const securityHeaders = fastifyPlugin(async (app: FastifyInstance, { publicUrl }: { publicUrl: string }) => {
  const { protocol, hostname } = new URL(publicUrl);
  const isHttps = protocol === 'https:';
  // Also for what is answered before any hook, such as an address that cannot be decoded.
  app.server.prependListener('request', (_request, response) => {
    for (const [name, value] of Object.entries(ofEveryAnswer)) response.setHeader(name, value);
  });
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
});
