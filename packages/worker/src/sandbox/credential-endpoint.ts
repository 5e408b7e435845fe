import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { containerCredentials, type SessionCredentials } from './environment.ts';

export interface CredentialSource {
  /** The session that holds now; undefined when there is none (yet, or any more). */
  current: () => Promise<SessionCredentials | undefined>;
}

/**
 * The AWS container-credentials contract (what `AWS_CONTAINER_CREDENTIALS_FULL_URI` points at). The SDKs ask again
 * before the expiry they were told, so a session that was extended meanwhile reaches a running terraform.
 * Without a session it answers 404, which the SDKs take as final; when the source fails 503, which they try again.
 */
export function credentialEndpoint(source: CredentialSource, token: string): RequestListener {
  const expected = digest(token);
  return (request, response) => {
    const reply = (status: number, body: Record<string, string>) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    };
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      return reply(401, { code: 'Unauthorized', message: 'The authorization token of this run is missing or wrong' });
    }
    if (request.method !== 'GET') return reply(405, { code: 'MethodNotAllowed', message: 'Only GET' });
    if (request.url !== '/credentials') return reply(404, { code: 'NotFound', message: 'Only /credentials' });
    source.current().then(
      (session) => {
        if (session === undefined) reply(404, { code: 'NoSession', message: 'This run has no AWS session' });
        else reply(200, containerCredentials(session, new Date()));
      },
      () => reply(503, { code: 'Unavailable', message: 'The session could not be read; ask again' }),
    );
    return undefined;
  };
}

/** Hashed first, so that lengths are equal and the comparison tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
