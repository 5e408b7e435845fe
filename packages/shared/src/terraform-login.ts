// What `terraform login` may ask for (RFC 6749 §4.1, 7636 and 8252), known to the api, which decides, and to the page,
// which asks the person.

/** The one client, as service discovery tells it to terraform. */
export const terraformClient = { id: 'terraform-cli', ports: [10_000, 10_010] } as const;

export const authorizationPath = '/oauth/authorization';

/** The parameters of the authorization address, each given at most once; undefined: it was not. */
export type AuthorizationParameters = {
  clientId: string | undefined;
  responseType: string | undefined;
  redirectUri: string | undefined;
  codeChallenge: string | undefined;
  codeChallengeMethod: string | undefined;
  state: string | undefined;
};

export type AuthorizationRequest = { clientId: string; redirectUri: string; codeChallenge: string; state: string };

/** Base64url of a SHA-256. */
const challengePattern = /^[\w-]{43}$/;
/** terraform sends a UUID; the rest is room for it to change its mind. */
const longestState = 512;

/**
 * The request, or a sentence on what is wrong with it. Who gets a problem must not redirect: an address that is not
 * terraform's own on this computer would get a code of the person, or be sprung to from here.
 */
export function readAuthorizationRequest(given: AuthorizationParameters): AuthorizationRequest | { problem: string } {
  const { clientId, redirectUri, codeChallenge, state } = given;
  if (clientId !== terraformClient.id) return { problem: `client_id must be ${terraformClient.id}.` };
  if (redirectUri === undefined || !isLoopbackOfTerraform(redirectUri)) {
    const [first, last] = terraformClient.ports;
    return { problem: `redirect_uri must be http://localhost:<port>/login with a port from ${first} to ${last}.` };
  }
  if (given.responseType !== 'code') return { problem: 'response_type must be code.' };
  if (given.codeChallengeMethod !== 'S256') return { problem: 'code_challenge_method must be S256.' };
  if (codeChallenge === undefined || !challengePattern.test(codeChallenge)) {
    return { problem: 'code_challenge must be the base64url form of a SHA-256.' };
  }
  if (state === undefined || state === '' || state.length > longestState) {
    return { problem: `state must be given, with ${longestState} characters at most.` };
  }
  return { clientId, redirectUri, codeChallenge, state };
}

/** Where the browser goes with an answer, such as `{ code, state }`. */
export function answerAddress(redirectUri: string, answer: Record<string, string>): string {
  return `${redirectUri}?${new URLSearchParams(answer)}`;
}

/** By its very text: no parser has to agree with the browser's about what is the host of it. */
function isLoopbackOfTerraform(redirectUri: string): boolean {
  const port = Number(/^http:\/\/(?:localhost|127\.0\.0\.1):(\d{5})\/login$/.exec(redirectUri)?.[1]);
  const [first, last] = terraformClient.ports;
  return port >= first && port <= last;
}
