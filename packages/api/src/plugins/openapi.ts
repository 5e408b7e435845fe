import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { jsonApiMediaType } from '../domain/media-type.ts';

const prefix = '/api/v2';
export const openApiPath = `${prefix}/openapi.json`;

/** One OpenAPI document, made from the schemas that requests are checked with, and a page to read it. */
export const openApi = fastifyPlugin(async (app: FastifyInstance, { publicUrl }: { publicUrl: string }) => {
  // Before swagger's own hook, which keeps what it sees.
  app.addHook('onRoute', describe);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Gatehouse',
        version: '2.6',
        description:
          'Queue terraform runs, answer their MFA challenges, follow their logs. In the shapes of the Terraform Enterprise API v2.',
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token of a user.' },
        },
      },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, {
    routePrefix: `${prefix}/docs`,
    staticCSP: true,
    // The page of the library allows itself more (a validator on another site); everything here is served from here.
    transformStaticCSP: () =>
      "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
    uiConfig: { url: openApiPath, validatorUrl: null },
  });
  app.get(openApiPath, { schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-type', 'application/json').serializer(JSON.stringify).send(app.swagger()),
  );
});

/** The answer of every failed request. */
const errorDocument = z.object({
  errors: z.array(
    z.object({
      status: z.string(),
      code: z.string(),
      title: z.string(),
      detail: z.string(),
      source: z.object({ pointer: z.string().optional(), parameter: z.string().optional() }).optional(),
    }),
  ),
});

/** What all routes of the API have in common: JSON:API, and the form of its errors. */
function describe(route: RouteOptions): void {
  if (!route.url.startsWith(`${prefix}/`) || route.schema === undefined) return;
  const { response, ...schema } = route.schema;
  const withErrors = { ...(typeof response === 'object' ? response : {}), '4XX': errorDocument };
  route.schema = { consumes: [jsonApiMediaType], produces: [jsonApiMediaType], ...schema, response: withErrors };
}
