import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { makePrivateCa } from '../../packages/api/test/private-ca.ts';

/** What is done to one call: `pass` has the emulator carry it out, and says what it answered. */
export type Harm = (call: {
  pass: () => Promise<Passed>;
  response: ServerResponse;
  /** Aborted when the front closes or the caller is gone. */
  gone: AbortSignal;
}) => Promise<void> | void;

export type Passed = { status: number; headers: Record<string, string>; body: Buffer };

/**
 * Stands between the worker and the emulator, with TLS as at AWS, and does harm to the calls of an access key: each run
 * has its own key, so that one harm is no other one's.
 */
export type StsFront = {
  url: string;
  /** To be trusted by the worker. */
  caFile: string;
  /** Where calls are carried out. */
  leadTo(emulatorUrl: string): void;
  /** From now on calls of this key are harmed; undefined: carried out. */
  harm(accessKeyId: string, harm: Harm | undefined): void;
  /** How many calls of this key have come. */
  count(accessKeyId: string): number;
  /** Resolves when this many calls of the key have come. */
  reached(accessKeyId: string, times: number): Promise<void>;
  /** What nobody listens at, for the time of `meanwhile`. */
  refusing<Result>(meanwhile: () => Promise<Result>): Promise<Result>;
  /** The same with a certificate that the worker does not trust. */
  untrusted<Result>(meanwhile: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

export async function startStsFront(): Promise<StsFront> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-sts-front-'));
  const ca = await makePrivateCa(folder);
  const own = pairOf(ca);
  const elsewhere = path.join(folder, 'stranger');
  await mkdir(elsewhere);
  const strange = pairOf(await makePrivateCa(elsewhere));
  const harms = new Map<string, Harm>();
  const counts = new Map<string, number>();
  const waiters = new Set<() => void>();
  const closing = new AbortController();
  let emulator = '';
  const server = createServer(own, (incoming, response) => {
    const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const look of waiters) look();
    const left = new AbortController();
    response.on('close', () => left.abort());
    const gone = AbortSignal.any([closing.signal, left.signal]);
    const pass = () => passOn(emulator, incoming);
    const act = harms.get(key) ?? (async () => answer(response, await pass()));
    Promise.resolve(act({ pass, response, gone })).catch(() => response.destroy());
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  async function shut(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
  return {
    url: `https://localhost:${port}`,
    caFile: ca.caFile,
    leadTo(url) {
      emulator = url;
    },
    harm(key, harm) {
      if (harm === undefined) harms.delete(key);
      else harms.set(key, harm);
    },
    count: (key) => counts.get(key) ?? 0,
    reached(key, times) {
      return new Promise((resolve) => {
        const look = () => {
          if ((counts.get(key) ?? 0) < times) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      });
    },
    async refusing(meanwhile) {
      await shut();
      try {
        return await meanwhile();
      } finally {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      }
    },
    async untrusted(meanwhile) {
      server.setSecureContext(strange);
      try {
        return await meanwhile();
      } finally {
        server.setSecureContext(own);
      }
    },
    async close() {
      closing.abort();
      await shut();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function answer(response: ServerResponse, { status, headers, body }: Passed): void {
  response.writeHead(status, headers).end(body);
}

function pairOf({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/** The very same call: its signature holds the name that the worker called. */
async function passOn(emulator: string, incoming: IncomingMessage): Promise<Passed> {
  const body = await buffer(incoming);
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      `${emulator}${incoming.url ?? '/'}`,
      { method: 'POST', headers: incoming.headers },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const type = reply.headers['content-type'] ?? 'text/xml';
  const requestId = reply.headers['x-amzn-requestid'];
  const headers = {
    'content-type': type,
    ...(typeof requestId === 'string' ? { 'x-amzn-requestid': requestId } : {}),
    ...(reply.headers.date === undefined ? {} : { date: reply.headers.date }),
  };
  return { status: reply.statusCode ?? 0, headers, body: await buffer(reply) };
}
