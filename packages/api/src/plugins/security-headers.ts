import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Nothing from elsewhere, in no frame. Over plain http a browser must not be told to insist on https. */
export const securityHeaders = fastifyPlugin(async (app: FastifyInstance, { publicUrl }: { publicUrl: string }) => {
  const isHttps = publicUrl.startsWith('https:');
  await app.register(helmet, {
    hsts: isHttps,
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
