import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashOfToken } from '../domain/bearer-token.ts';
import { sessionCookieName } from '../domain/session-cookie.ts';
import type { Database } from '../store/database.ts';
import { isGoodApiToken, useApiToken } from '../store/tokens.ts';
import { isOpenWebSession, useWebSession } from '../store/web-sessions.ts';
import { refuseForeignOrigin } from './foreign-origin.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Only where the `authentication` plugin is registered; reading it elsewhere throws `unauthorized`. */
    readonly actor: Actor;
    /** The row of the page's session; undefined for API tokens. */
    readonly webSessionId: string | undefined;
    /** For answers that stay open: whether the session or the token is still good. */
    isStillSignedIn(): boolean;
  }
}

type SignedIn = { actor: Actor; webSessionId: string | undefined; isStillGood(now: Date): boolean };

/**
 * Every request of the scope in which this is registered needs a person behind it: an API token as `Authorization:
 * Bearer`, or the page's session cookie, which for writes counts only on requests from the page itself.
 */
export const authentication = fastifyPlugin(
  async (app: FastifyInstance, options: { database: Database; clock: Clock; publicUrl: string }) => {
    const signedIn = new WeakMap<FastifyRequest, SignedIn>();
    const read = (request: FastifyRequest): SignedIn => signedIn.get(request) ?? refuse();
    app.decorateRequest('actor', {
      getter() {
        return read(this).actor;
      },
    });
    app.decorateRequest('webSessionId', {
      getter() {
        return read(this).webSessionId;
      },
    });
    app.decorateRequest('isStillSignedIn', function () {
      return read(this).isStillGood(options.clock.now());
    });
    app.addHook('onRequest', async (request) => {
      signedIn.set(request, await authenticate(request, options));
    });
  },
);

async function authenticate(
  request: FastifyRequest,
  { database, clock, publicUrl }: { database: Database; clock: Clock; publicUrl: string },
): Promise<SignedIn> {
  const now = clock.now();
  const { authorization } = request.headers;
  if (authorization !== undefined) return byToken(database, authorization, now);
  const cookie = request.cookies[sessionCookieName(publicUrl)];
  if (cookie === undefined)
    throw new GatehouseError('unauthorized', 'Sign in, or send an API token as a Bearer token.');
  const session = await useWebSession(database, hashOfToken(new Secret(cookie)), now);
  if (session === undefined) throw new GatehouseError('unauthorized', 'This sign-in is over. Sign in again.');
  refuseForeignOrigin(request, publicUrl);
  const { actor, sessionId } = session;
  return { actor, webSessionId: sessionId, isStillGood: (at) => isOpenWebSession(database, sessionId, at) };
}

async function byToken(database: Database, authorization: string, now: Date): Promise<SignedIn> {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new GatehouseError('unauthorized', 'Send an API token as: Authorization: Bearer …');
  const tokenHash = hashOfToken(new Secret(token));
  const found = await useApiToken(database, tokenHash, now);
  if (found === undefined) throw new GatehouseError('unauthorized', 'This API token is not known, or was revoked.');
  if (found.expiresAt !== null && found.expiresAt <= now) {
    throw new GatehouseError('unauthorized', `This API token expired at ${found.expiresAt.toISOString()}.`);
  }
  return { actor: found.actor, webSessionId: undefined, isStillGood: (at) => isGoodApiToken(database, tokenHash, at) };
}

function refuse(): never {
  throw new GatehouseError('unauthorized', 'Sign in, or send an API token as a Bearer token.');
}
