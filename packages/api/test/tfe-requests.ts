import { newId } from '@gatehouse/shared/ids';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Outcome } from '@gatehouse/shared/worker-reports';
import { z } from 'zod';
import { claimPhase } from '../src/services/claim-phase.ts';
import { recordWorkerReport } from '../src/services/record-worker-report.ts';
import { configurationVersions } from '../src/store/schema/workspaces.ts';
import type { Answer, Person, RunningApi } from './running-api.ts';

const included = z.object({
  included: z
    .array(z.object({ id: z.string(), type: z.string(), attributes: z.record(z.string(), z.unknown()) }))
    .default([]),
});

/** What came with an answer, as `type` and `id`. */
export const includedIn = ({ text }: Answer) => included.parse(JSON.parse(text)).included;
export const includedTypes = (answer: Answer) => includedIn(answer).map(({ type }) => type);

/** The names in a list. */
export const names = (answer: Answer) => answer.list().map(({ attributes }) => attributes['name']);

/** Requests with the bodies and the media type of go-tfe. */
export function tfeClient(api: RunningApi, who: Pick<Person, 'token'>) {
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object | string) =>
    api.ask({
      method,
      url: `/api/v2${path}`,
      headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/vnd.api+json' },
      ...(payload === undefined ? {} : { payload }),
    });
  return {
    get: (path: string) => send('GET', path),
    post: (path: string, payload?: object | string) => send('POST', path, payload),
    patch: (path: string, payload: object) => send('PATCH', path, payload),
    delete: (path: string, payload?: object) => send('DELETE', path, payload),
  };
}

export const finished = (hasChanges = true): Outcome => ({
  kind: 'finished',
  hasChanges,
  resourceAdditions: hasChanges ? 1 : 0,
  resourceChanges: 0,
  resourceDestructions: 0,
  resourceImports: 0,
});

/** Workspaces with something uploaded, runs of them, and a worker that does their phases. */
export function runStage(api: RunningApi, owner: Person) {
  let count = 0;

  function configuration(workspaceId: string, more: { speculative?: boolean } = {}): string {
    const id = newId('configurationVersion', api.clock.now().getTime());
    const at = api.clock.now();
    const values = { id, workspaceId, status: 'uploaded' as const, createdAt: at, uploadedAt: at, ...more };
    api.database.insert(configurationVersions).values(values).run();
    return id;
  }

  async function workspace(attributes: object = {}, organization = 'acme'): Promise<{ id: string; name: string }> {
    const name = `stage-${++count}`;
    const made = await api.as(owner).post(`/organizations/${organization}/workspaces`, { name, ...attributes });
    configuration(made.data().id);
    return { id: made.data().id, name };
  }

  const post = (who: Person, workspaceId: string, attributes: object = {}, configurationVersionId?: string) =>
    tfeClient(api, who).post('/runs', {
      data: {
        type: 'runs',
        attributes,
        relationships: {
          workspace: { data: { type: 'workspaces', id: workspaceId } },
          ...(configurationVersionId && {
            'configuration-version': { data: { type: 'configuration-versions', id: configurationVersionId } },
          }),
        },
      },
    });

  async function work(runId: string, phase: Phase, outcome: Outcome = finished()): Promise<void> {
    const { claimId } = await claimPhase(api.parts, { runId, phase, workerId: 'worker-1' });
    await recordWorkerReport(api.parts, { type: 'phase_finished', runId, phase, claimId, outcome });
  }

  return {
    configuration,
    workspace,
    post,
    work,
    start: (runId: string, phase: Phase = 'plan') => claimPhase(api.parts, { runId, phase, workerId: 'worker-1' }),
    run: async (workspaceId: string, attributes: object = {}) => (await post(owner, workspaceId, attributes)).data().id,
    status: async (runId: string) => (await api.as(owner).get(`/runs/${runId}`)).data().attributes['status'],
  };
}
