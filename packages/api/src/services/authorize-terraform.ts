import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import {
  type AuthorizationParameters,
  type AuthorizationRequest,
  readAuthorizationRequest,
} from '@gatehouse/shared/terraform-login';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashOfToken, newBearerToken } from '../domain/bearer-token.ts';
import { insertAuthorizationCode } from '../store/authorization-codes.ts';
import type { Database } from '../store/database.ts';

/** terraform waits for it and exchanges it at once; RFC 6749 §4.1.2 allows ten minutes. */
export const authorizationCodeMs = 90_000;

/**
 * The person has said yes: a code that terraform exchanges for a token of theirs. Only from the page, where a person
 * sees what is asked; an API token cannot make another one in this way. Throws `forbidden` and `invalid_request`.
 */
export async function authorizeTerraform(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  given: AuthorizationParameters & { tokenLifetimeDays: number | null },
): Promise<{ id: string; code: Secret; request: AuthorizationRequest }> {
  if (actor.via !== 'session')
    throw new GatehouseError('forbidden', 'Only a person on the page allows terraform login.');
  const request = readAuthorizationRequest(given);
  if ('problem' in request)
    throw new GatehouseError('invalid_request', `This is no terraform login: ${request.problem}`);
  const code = newBearerToken('authorizationCode');
  const now = clock.now();
  const { clientId, redirectUri, codeChallenge } = request;
  const row = {
    codeHash: hashOfToken(code),
    userId: actor.userId,
    clientId,
    redirectUri,
    codeChallenge,
    tokenLifetimeDays: given.tokenLifetimeDays,
    expiresAt: new Date(now.getTime() + authorizationCodeMs),
  };
  return { id: await insertAuthorizationCode(database, row, now), code, request };
}
