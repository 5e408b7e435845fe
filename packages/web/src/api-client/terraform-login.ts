import type { AuthorizationRequest } from '@gatehouse/shared/terraform-login';
import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { attributesDocument, one, resource } from './json-api.ts';

const authorization = resource('oauth-authorizations', { 'redirect-to': z.string() });

/** Where the browser goes with the code. Its address holds the code: keep it nowhere. `days` undefined: no expiry. */
export async function allowTerraform(
  api: Api,
  request: AuthorizationRequest,
  days: number | undefined,
): Promise<{ redirectTo: string }> {
  const document = attributesDocument('oauth-authorizations', {
    'client-id': request.clientId,
    'response-type': 'code',
    'redirect-uri': request.redirectUri,
    'code-challenge': request.codeChallenge,
    'code-challenge-method': 'S256',
    state: request.state,
    'expires-after-days': days ?? null,
  });
  const { data } = await api.send('POST', '/oauth/authorizations', document, one(authorization));
  return { redirectTo: data.attributes['redirect-to'] };
}
