import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import { hashOfToken, newBearerToken } from '../domain/bearer-token.ts';
import { type CodeRefusal, redeemAuthorizationCode as redeem } from '../store/authorization-codes.ts';
import type { Database } from '../store/database.ts';

/** What the token is called in the list of its owner's tokens. */
const description = 'terraform login';

/** The token, or why there is none. That the verifier fits is shown by its hash being the challenge (RFC 7636 §4.6). */
export async function redeemAuthorizationCode(
  { database, clock }: { database: Database; clock: Clock },
  shown: { code: Secret; verifier: Secret; clientId: string; redirectUri: string },
): Promise<{ token: Secret } | { refused: CodeRefusal }> {
  const { code, verifier, clientId, redirectUri } = shown;
  const token = newBearerToken('apiToken');
  const result = await redeem(
    database,
    { codeHash: hashOfToken(code), codeChallenge: hashOfToken(verifier), clientId, redirectUri },
    { tokenHash: hashOfToken(token), description },
    clock.now(),
  );
  return 'refused' in result ? result : { token };
}
