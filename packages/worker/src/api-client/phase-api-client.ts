import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import { workerApiPath } from '@gatehouse/shared/worker-api';
import { once, patient, send } from './http.ts';

/** What the job token of one claim may read and write. */
export type PhaseApi = {
  /** Streams the uploaded tar.gz into a new file. */
  fetchConfiguration(toFile: string, signal: AbortSignal): Promise<void>;
  /** undefined: the workspace has no state yet. */
  fetchState(signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** One try: the state watch decides when to try again. Throws `state_invalid` when the api refuses it. */
  storeState(state: Uint8Array<ArrayBuffer>): Promise<void>;
  storePlanArtifact(sealed: string): Promise<void>;
  fetchPlanArtifact(signal: AbortSignal): Promise<string>;
  storePlanJson(json: Uint8Array<ArrayBuffer>): Promise<void>;
  storeProviderSchemas(json: Uint8Array<ArrayBuffer>): Promise<void>;
};

/** Large bodies over slow links; the phase's own timeout is the real bound. */
const transferTimeoutMs = 10 * 60_000;

/** Of one try. On a line that broke without a word nothing else tells that nobody listens any more. */
function uploadTimeoutMs(bytes: number): number {
  const slowestBytesPerMs = 100;
  return Math.min(transferTimeoutMs, 30_000 + Math.ceil(bytes / slowestBytesPerMs));
}

export function createPhaseApi(options: { apiUrl: string; jobToken: Secret; runId: string }): PhaseApi {
  const baseUrl = options.apiUrl + workerApiPath;
  const at = (what: string) => `/runs/${options.runId}/${what}`;
  const common = { token: options.jobToken, timeoutMs: transferTimeoutMs };

  const get = (what: string, signal: AbortSignal) =>
    send(baseUrl, { ...common, method: 'GET', path: at(what), patience: patient, signal });
  const put = (what: string, type: string, bytes: string | Uint8Array<ArrayBuffer>) =>
    send(baseUrl, {
      ...common,
      timeoutMs: uploadTimeoutMs(bytes.length),
      method: 'PUT',
      path: at(what),
      body: { type, bytes },
      patience: patient,
    });

  return {
    async fetchConfiguration(toFile, signal) {
      const response = await get('configuration', signal);
      if (response.body === null) throw new GatehouseError('configuration_missing', 'The api sent no configuration.');
      await pipeline(Readable.fromWeb(response.body), createWriteStream(toFile, { flags: 'wx', mode: 0o600 }), {
        signal,
      });
    },
    async fetchState(signal) {
      const response = await get('state', signal);
      return response.status === 204 ? undefined : new Uint8Array(await response.arrayBuffer());
    },
    async storeState(state) {
      const body = { type: 'application/json', bytes: state };
      await send(baseUrl, { ...common, method: 'PUT', path: at('state'), body, patience: once, timeoutMs: 30_000 });
    },
    async storePlanArtifact(sealed) {
      await put('plan-artifact', 'application/octet-stream', sealed);
    },
    async fetchPlanArtifact(signal) {
      return (await get('plan-artifact', signal)).text();
    },
    async storePlanJson(json) {
      await put('plan-json', 'application/json', json);
    },
    async storeProviderSchemas(json) {
      await put('provider-schemas', 'application/json', json);
    },
  };
}
