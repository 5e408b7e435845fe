import { answerAddress } from '@gatehouse/shared/terraform-login';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { authorizeTerraform } from '../services/authorize-terraform.ts';
import type { Database } from '../store/database.ts';
import { documentSchema, requestDocument, resourceSchema } from './json-api.ts';

const parameter = z.string().max(2000).optional();
/** Ten years; whoever wants it longer wants one that does not expire. */
const longestLifetimeDays = 3650;

/** The yes of a person on the page to `terraform login`. A no needs no api: the page says it to terraform itself. */
export const oauthAuthorizationRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  dependencies,
) => {
  app.post(
    '/oauth/authorizations',
    {
      schema: {
        tags: ['API tokens'],
        summary: 'Allow terraform login',
        description: 'Only with the session of the page. The answer says where the browser goes, with the code.',
        body: requestDocument(
          z.strictObject({
            'client-id': parameter,
            'response-type': parameter,
            'redirect-uri': parameter,
            'code-challenge': parameter,
            'code-challenge-method': parameter,
            state: parameter,
            'expires-after-days': z.int().min(1).max(longestLifetimeDays).nullable(),
          }),
        ),
        response: { 201: documentSchema(resourceSchema('oauth-authorizations', { 'redirect-to': z.string() })) },
      },
    },
    async ({ actor, body }, reply) => {
      const { attributes } = body.data;
      const { id, code, request } = await authorizeTerraform(dependencies, actor, {
        clientId: attributes['client-id'],
        responseType: attributes['response-type'],
        redirectUri: attributes['redirect-uri'],
        codeChallenge: attributes['code-challenge'],
        codeChallengeMethod: attributes['code-challenge-method'],
        state: attributes.state,
        tokenLifetimeDays: attributes['expires-after-days'],
      });
      const address = answerAddress(request.redirectUri, { code: code.reveal(), state: request.state });
      reply.header('cache-control', 'no-store');
      const data = { id, type: 'oauth-authorizations' as const, attributes: { 'redirect-to': address } };
      return reply.status(201).send({ data });
    },
  );
};
