import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { terraformClient } from '@gatehouse/shared/terraform-login';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { redeemAuthorizationCode } from '../services/redeem-authorization-code.ts';
import type { Database } from '../store/database.ts';
import { oauthTokenLimit } from './rate-limits.ts';

/** The closed list of RFC 6749 §5.2, and what §4.1.2.1 has for a server that cannot. */
type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable'
  | 'server_error';

const errorSchema = z.object({ error: z.string(), error_description: z.string() });
/** Five short fields. */
const bodyLimit = 8 * 1024;
const field = z.string().max(2000);
const secret = field.transform((text) => new Secret(text));

/** Where terraform exchanges its code for an API token. Forms in, plain JSON out: OAuth's own, not JSON:API's. */
export const oauthTokenRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  dependencies,
) => {
  acceptForms(app);
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const told = oauthError(error);
    if (told.code === 'server_error') request.log.error({ err: error }, 'request failed');
    return refuse(reply, told);
  });

  app.post(
    '/oauth/token',
    {
      config: { rateLimit: oauthTokenLimit },
      bodyLimit,
      schema: {
        tags: ['API tokens'],
        security: [],
        summary: 'Exchange the code of terraform login for an API token',
        description: 'RFC 6749 §4.1.3 with the verifier of RFC 7636. Errors are those of RFC 6749 §5.2.',
        consumes: ['application/x-www-form-urlencoded'],
        body: z.object({
          grant_type: field,
          code: secret,
          redirect_uri: field,
          client_id: field,
          code_verifier: secret,
        }),
        response: {
          200: z.object({ access_token: z.string(), token_type: z.literal('bearer') }),
          '4XX': errorSchema,
          '5XX': errorSchema,
        },
      },
    },
    async ({ body }, reply) => {
      if (body.grant_type !== 'authorization_code') {
        return refuse(reply, { status: 400, code: 'unsupported_grant_type', why: 'Send an authorization_code.' });
      }
      if (body.client_id !== terraformClient.id) {
        return refuse(reply, { status: 400, code: 'invalid_client', why: 'There is no such client.' });
      }
      const result = await redeemAuthorizationCode(dependencies, {
        code: body.code,
        verifier: body.code_verifier,
        clientId: body.client_id,
        redirectUri: body.redirect_uri,
      });
      // One sentence for every cause: who guesses learns nothing.
      if ('refused' in result) {
        const why = 'The code is unknown, over, used before, or not for this verifier and address.';
        return refuse(reply, { status: 400, code: 'invalid_grant', why });
      }
      return reply.send({ access_token: result.token.reveal(), token_type: 'bearer' as const });
    },
  );
};

function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    const form = new URLSearchParams(body.toString());
    const fields = Object.fromEntries(form);
    // RFC 6749 §3.2: no parameter twice. Such a body has no fields then, and the first one is told to be missing.
    done(null, form.size === Object.keys(fields).length ? fields : {});
  });
}

type Told = { status: number; code: OAuthErrorCode; why: string };

function oauthError(error: FastifyError): Told {
  if (isGatehouseError(error) && error.code === 'too_many_requests') {
    return { status: 429, code: 'temporarily_unavailable', why: error.message };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const name = first?.instancePath.replace('/', '') || 'A form';
    return { status: 400, code: 'invalid_request', why: `${name} is missing, or given twice, or too long.` };
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) return { status, code: 'server_error', why: 'Something failed inside Gatehouse.' };
  return { status: 400, code: 'invalid_request', why: 'Send a form of five short fields.' };
}

function refuse(reply: FastifyReply, { status, code, why }: Told): FastifyReply {
  return reply
    .status(status)
    .type('application/json')
    .serializer(JSON.stringify)
    .send({ error: code, error_description: why });
}
