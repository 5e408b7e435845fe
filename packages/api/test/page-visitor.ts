import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';
import { hashPassword } from '../src/domain/password-hash.ts';
import type { RunningApi } from './running-api.ts';

const password = 'correct horse battery';

/** Somebody who is signed in on the page: asks with the session's cookie, and writes from the page's own origin. */
export async function pageVisitor(api: RunningApi, username: string, more: { isSiteAdmin?: boolean } = {}) {
  const passwordHash = await hashPassword(new Secret(password));
  const person = await api.person(username, { ...more, passwordHash });
  const answer = await api.ask({ method: 'POST', url: '/api/v2/session', payload: { username, password } });
  const cookie = z.string().parse([answer.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    api.ask({
      method,
      url,
      headers: { cookie, origin: 'http://gatehouse.test' },
      ...(payload === undefined ? {} : { payload }),
    });
  return {
    ...person,
    cookie,
    /** `path` below /api/v2. */
    get: (path: string) => send('GET', `/api/v2${path}`),
    post: (path: string, body?: object) => send('POST', `/api/v2${path}`, body),
    patch: (path: string, attributes: object) => send('PATCH', `/api/v2${path}`, { data: { attributes } }),
    delete: (path: string) => send('DELETE', `/api/v2${path}`),
    /** Any address, with an Accept of the caller's. */
    open: (url: string, accept = 'text/html') => api.ask({ url, headers: { cookie, accept } }),
  };
}

export type PageVisitor = Awaited<ReturnType<typeof pageVisitor>>;
