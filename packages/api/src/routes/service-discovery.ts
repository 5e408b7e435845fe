import { authorizationPath, terraformClient } from '@gatehouse/shared/terraform-login';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

const services = {
  'tfe.v2': '/api/v2/',
  'tfe.v2.1': '/api/v2/',
  'tfe.v2.2': '/api/v2/',
  'state.v2': '/api/v2/',
  'login.v1': {
    client: terraformClient.id,
    grant_types: ['authz_code'],
    authz: authorizationPath,
    token: '/oauth/token',
    ports: [...terraformClient.ports],
  },
};

const loginService = z.object({
  client: z.string(),
  grant_types: z.array(z.string()),
  authz: z.string(),
  token: z.string(),
  /** The first and the last port that terraform may listen on for its code. */
  ports: z.array(z.int()),
});

/** How the terraform CLI finds the API of a host. It takes the plain media type only, without parameters. */
export const serviceDiscoveryRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/.well-known/terraform.json',
    {
      schema: {
        tags: ['Service'],
        security: [],
        summary: 'Tell the terraform CLI where the API is',
        response: { 200: z.record(z.string(), z.union([z.string(), loginService])) },
      },
    },
    async (_request, reply) => reply.header('content-type', 'application/json').send(services),
  );
};
