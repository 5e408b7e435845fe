import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { workspaces } from '../src/store/schema/workspaces.ts';
import type { BytesApi } from './bytes-api.ts';

/** Stands in every state for what must never lie about in clear. */
export const marker = 'state-marker-hunter2';

/** A state as terraform writes one, with `change` over it. */
export function stateFile(change: object = {}): Buffer<ArrayBuffer> {
  const state = {
    version: 4,
    terraform_version: '1.11.4',
    serial: 1,
    lineage: 'lineage-1',
    outputs: {
      plain: { value: ['a', 1], type: ['tuple', ['string', 'number']] },
      password: { value: marker, type: 'string', sensitive: true },
    },
    resources: [{ mode: 'managed', type: 't', name: 'n', provider: 'p', instances: [{ attributes: { marker } }] }],
    ...change,
  };
  return Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
}

export const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

const resource = z.object({
  id: z.string(),
  type: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  relationships: z.record(z.string(), z.unknown()).optional(),
});

/** What people do with the states of a workspace, which `olga` has locked. */
export async function stateClient(api: BytesApi, options: { lock?: boolean } = {}) {
  const workspace = await api.workspace();
  const lock = (lockedBy: string | null) =>
    api.database.update(workspaces).set({ lockedBy }).where(eq(workspaces.id, workspace.id)).run();
  lock(options.lock === false ? null : api.owner.actor.userId);

  async function send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = api.owner.headers,
  ) {
    const url = path.startsWith('http') ? path : `${api.url}/api/v2${path}`;
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/vnd.api+json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      data: () => z.object({ data: resource }).parse(JSON.parse(text)).data,
      list: () => z.object({ data: z.array(resource) }).parse(JSON.parse(text)).data,
      included: () => z.object({ included: z.array(resource) }).parse(JSON.parse(text)).included,
    };
  }
  const path = `/workspaces/${workspace.id}`;
  function describe(bytes: Buffer) {
    const said = z.object({ serial: z.number(), lineage: z.string() });
    const { serial, lineage } = said.catch({ serial: 1, lineage: 'x' }).parse(JSON.parse(bytes.toString()));
    return { serial, lineage, md5: md5Of(bytes), force: false };
  }
  return {
    workspace,
    path,
    lock,
    get: (at: string, headers?: Record<string, string>) => send('GET', at, undefined, headers),
    send,
    /** In one step. */
    post: (bytes: Buffer, change: object = {}, headers?: Record<string, string>) => {
      const attributes = { ...describe(bytes), state: bytes.toString('base64'), ...change };
      return send('POST', `${path}/state-versions`, { data: { type: 'state-versions', attributes } }, headers);
    },
    /** The first of two steps. */
    announce: (bytes: Buffer, change: object = {}, relationships?: object) => {
      const attributes = { ...describe(bytes), ...change };
      const data = { type: 'state-versions', attributes, ...(relationships === undefined ? {} : { relationships }) };
      return send('POST', `${path}/state-versions`, { data });
    },
    /** The second: as go-tfe sends it, without Authorization. */
    async put(url: unknown, bytes: Uint8Array<ArrayBuffer>) {
      const headers = { 'content-type': 'application/octet-stream' };
      const answer = await fetch(String(url), { method: 'PUT', headers, body: bytes });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
  };
}
