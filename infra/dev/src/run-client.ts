import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal, runStatuses } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import { type ApiClient, ApiError, document, resourceOf, resourcesOf } from './api-client.ts';

// What a script does with runs over the API.

const runAttributes = z.looseObject({
  status: z.string(),
  'gatehouse-status': z.string(),
  'has-changes': z.boolean().nullish(),
  'end-reason': z.string().nullish(),
  mfa: z.looseObject({ phase: z.string(), state: z.string() }).nullish(),
});

export type Run = { id: string; attributes: z.output<typeof runAttributes> };

const pollMs = 150;
const endings: readonly string[] = runStatuses.filter(isTerminal);

export async function findWorkspace(api: ApiClient, organization: string, name: string): Promise<string> {
  return resourceOf(await api.call('GET', `/api/v2/organizations/${organization}/workspaces/${name}`), z.unknown()).id;
}

/** The id of a new configuration version that holds `archive` (tar.gz). */
export async function uploadConfiguration(
  api: ApiClient,
  workspaceId: string,
  archive: Uint8Array<ArrayBuffer>,
  options: { speculative?: boolean } = {},
): Promise<string> {
  const { speculative = false } = options;
  const body = document('configuration-versions', { 'auto-queue-runs': false, speculative });
  const { id, attributes } = resourceOf(
    await api.call('POST', `/api/v2/workspaces/${workspaceId}/configuration-versions`, body),
    z.looseObject({ 'upload-url': z.string() }),
  );
  const upload = await fetch(attributes['upload-url'], {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: archive,
  });
  if (!upload.ok) throw new Error(`The configuration was refused with ${upload.status}: ${await upload.text()}`);
  return id;
}

export async function createRun(
  api: ApiClient,
  workspaceId: string,
  configurationVersionId: string,
  attributes: Record<string, unknown> = {},
): Promise<Run> {
  return runOf(
    await api.call('POST', '/api/v2/runs', {
      data: {
        type: 'runs',
        attributes,
        relationships: {
          workspace: { data: { type: 'workspaces', id: workspaceId } },
          'configuration-version': { data: { type: 'configuration-versions', id: configurationVersionId } },
        },
      },
    }),
  );
}

export async function readRun(api: ApiClient, runId: string): Promise<Run> {
  return runOf(await api.call('GET', `/api/v2/runs/${runId}`));
}

/** Throws `ApiError` with the code of the refusal. */
export async function authenticateRun(api: ApiClient, runId: string, tokenCode: string): Promise<Run> {
  return runOf(await api.call('POST', `/api/v2/runs/${runId}/actions/authenticate`, { 'token-code': tokenCode }));
}

/**
 * Resolves when the run is in one of `statuses` (Gatehouse's words). Throws when it ends in another one first, since it
 * would never come there, and after `timeoutMs`. An api that is busy (503) is asked again.
 */
export async function waitForRun(
  api: ApiClient,
  runId: string,
  statuses: readonly string[],
  timeoutMs = 60_000,
): Promise<Run> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const run = await readUnlessBusy(api, runId);
    const status = run?.attributes['gatehouse-status'] ?? 'not to be read, since the api is busy,';
    if (run !== undefined && statuses.includes(status)) return run;
    if (endings.includes(status)) {
      throw new Error(`Run ${runId} is ${status} (${run?.attributes['end-reason'] ?? 'no reason'}), not ${statuses}.`);
    }
    if (Date.now() > deadline) throw new Error(`Run ${runId} is still ${status} after ${timeoutMs / 1000} s.`);
    await delay(pollMs);
  }
}

async function readUnlessBusy(api: ApiClient, runId: string): Promise<Run | undefined> {
  try {
    return await readRun(api, runId);
  } catch (error) {
    if (error instanceof ApiError && error.status === 503) return undefined;
    throw error;
  }
}

/** The outputs of the workspace's current state. */
export async function readOutputs(api: ApiClient, workspaceId: string): Promise<Record<string, unknown>> {
  const outputs = resourcesOf(
    await api.call('GET', `/api/v2/workspaces/${workspaceId}/current-state-version-outputs`),
    z.looseObject({ name: z.string(), value: z.unknown() }),
  );
  return Object.fromEntries(outputs.map(({ attributes }) => [attributes.name, attributes.value]));
}

function runOf(body: unknown): Run {
  return resourceOf(body, runAttributes);
}
