import type { Leaving } from './search.ts';

export type Who = { token?: string; cookie?: string };
export type Heard = { status: number; headers: Headers; text: string; data(): Record<string, unknown> };

/**
 * Asks the api, and keeps what it answers with the leavings: under `errors` what was refused, under `answers` the rest.
 * `mine`: an answer that may hold a secret, since it is its owner's.
 */
export type Ask = (
  who: Who,
  method: string,
  path: string,
  body?: unknown,
  more?: { mine?: boolean; headers?: Record<string, string>; raw?: string },
) => Promise<Heard>;

export function asking(url: string, leavings: Leaving[]): Ask {
  return async (who, method, path, body, { mine = false, headers = {}, raw } = {}) => {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        origin: url,
        ...(sent === undefined ? {} : { 'content-type': 'application/vnd.api+json' }),
        ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
        ...(who.cookie === undefined ? {} : { cookie: who.cookie }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await answer.text();
    if (!mine || answer.status >= 400) {
      const all = `${answer.status} ${JSON.stringify([...answer.headers])}\n${text}`;
      const place = answer.status >= 400 ? 'errors' : 'answers to others';
      leavings.push({ place, name: `${method} ${path}`, bytes: Buffer.from(all) });
    }
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      data: () => (JSON.parse(text) as { data: Record<string, unknown> }).data,
    };
  };
}
