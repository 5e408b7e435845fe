import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { document } from '@gatehouse/dev/api-client';
import { connectRedis } from '@gatehouse/shared/redis';
import { type Gatehouse, startGatehouse } from '../../e2e/stack.ts';

/** An answer as a client at some address of its own gets it. */
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string };

export type Ask = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: string | object;
  /** Where the client sits: an address of 127.0.0.0/8. */
  from?: string;
};

export const password = 'correct horse battery';

/** A real api with its Redis, and clients that come from addresses of their own, as strangers do. */
export type AbuseWorld = Gatehouse & {
  port: number;
  ask(asked: Ask): Promise<Answer>;
  signIn(username: string, given?: string, how?: { from?: string; cookie?: string }): Promise<Answer>;
  /** A person with a password who belongs to nothing. */
  person(username: string): Promise<void>;
  /** As if a minute had passed: what counts floods begins anew. Not what counts guesses. */
  forgetFloods(): Promise<void>;
  /** What the api has logged so far. */
  apiLog(): Promise<string>;
};

export async function startAbuseWorld(options: Parameters<typeof startGatehouse>[0] = {}): Promise<AbuseWorld> {
  const gatehouse = await startGatehouse({ workers: 0, ...options });
  const { stack, api } = gatehouse;
  const port = Number(new URL(stack.url).port);
  const ask = (asked: Ask) => askFrom(port, asked);
  return {
    ...gatehouse,
    port,
    ask,
    signIn(username, given = password, { from, cookie } = {}) {
      const headers = cookie === undefined ? {} : { cookie };
      return ask({
        method: 'POST',
        path: '/api/v2/session',
        headers,
        body: { username, password: given },
        ...(from === undefined ? {} : { from }),
      });
    },
    async person(username) {
      await api.call('POST', '/api/v2/users', document('users', { username, password }));
    },
    async forgetFloods() {
      const redis = connectRedis(stack.dev.redisUrl, { onError: () => undefined, name: 'test' });
      const keys = await redis.keys('rate-limit:*');
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    },
    apiLog: () => readFile(path.join(stack.logFolder, 'api.log'), 'utf8'),
  };
}

function askFrom(port: number, { method = 'GET', path: where, headers = {}, body, from }: Ask): Promise<Answer> {
  const isObject = typeof body === 'object';
  const payload = isObject ? JSON.stringify(body) : body;
  // By itself Node tells no length with some methods, and the body would be read as the next request.
  const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) };
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: where,
        agent: false,
        headers: { ...(isObject ? { 'content-type': 'application/json' } : {}), ...length, ...headers },
        ...(from === undefined ? {} : { localAddress: from }),
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(payload);
  });
}

/** What a browser keeps of an answer, as the header that it sends back. `only`: names that begin so. */
export function cookiesOf({ headers }: Answer, only = ''): string {
  const lines = [headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0] ?? '');
  return lines.filter((line) => line.startsWith(only)).join('; ');
}

/** All at once, but never more than `width`, so that no client library is what is measured. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function take(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item, index);
    }
  }
  await Promise.all(Array.from({ length: width }, take));
  return results;
}

export const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
export const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
