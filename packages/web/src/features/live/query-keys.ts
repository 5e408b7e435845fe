import type { StateEvent } from '../../api-client/state-events.ts';

/** The names under which the page keeps what it fetched. Pages and the event table below use these, nobody writes their own. */
export const queryKeys = {
  session: () => ['session'] as const,
  waiting: () => ['waiting'] as const,
  run: (runId: string) => ['run', runId] as const,
  plan: (runId: string) => ['plan', runId] as const,
  runs: (workspace: string) => ['runs', workspace] as const,
  environments: (organization: string) => ['environments', organization] as const,
  environment: (workspace: string) => ['environment', workspace] as const,
  variables: (owner: string) => ['variables', owner] as const,
  audit: (organization: string) => ['audit', organization] as const,
  members: (organization: string) => ['members', organization] as const,
  states: (environmentId: string) => ['states', environmentId] as const,
  tokens: () => ['tokens'] as const,
  signIns: () => ['sign-ins'] as const,
  awsIdentities: () => ['aws-identities'] as const,
  /** Those of an organization's members. */
  memberIdentities: (organization: string) => ['aws-identities', organization] as const,
  awsCheck: (checkId: string) => ['aws-check', checkId] as const,
  awsSession: (environmentId: string) => ['aws-session', environmentId] as const,
  workers: () => ['workers'] as const,
  /** Of all my organizations, beside the queue. */
  openRuns: () => ['open-runs'] as const,
  queue: (range?: string) => (range === undefined ? (['queue'] as const) : (['queue', range] as const)),
};

type Key = readonly string[];

/** What a change makes stale; a key stands for all that begin with it. */
const staleAfter = {
  'run.changed': ({ runId, workspace, organization }) => [
    ...(runId === undefined ? [] : [queryKeys.run(runId)]),
    ...(workspace === undefined ? [['runs']] : [queryKeys.runs(workspace)]),
    ...(organization === undefined ? [] : [queryKeys.environments(organization)]),
    queryKeys.waiting(),
    queryKeys.openRuns(),
  ],
  // Of every run: a code that one accepted is spent for all that wait for the same device. A page shows one at most.
  // Lists show whether a code is being checked, or was refused.
  'challenge.changed': ({ workspace, organization }) => [
    ['run'],
    workspace === undefined ? ['runs'] : queryKeys.runs(workspace),
    ...(organization === undefined ? [] : [queryKeys.environments(organization)]),
    queryKeys.waiting(),
    queryKeys.openRuns(),
  ],
  // The run says that there is a plan to fetch.
  'plan.ready': ({ runId }) =>
    runId === undefined ? [['run'], ['plan']] : [queryKeys.run(runId), queryKeys.plan(runId)],
  'worker.changed': () => [queryKeys.workers()],
  'queue.sampled': () => [queryKeys.queue()],
  // Variables and members change with it too; few pages show them, so they are not told apart.
  'settings.changed': ({ workspace, organization }) => [
    workspace === undefined ? ['environment'] : queryKeys.environment(workspace),
    organization === undefined ? ['environments'] : queryKeys.environments(organization),
    ['variables'],
    ['aws-session'],
    queryKeys.awsIdentities(),
    organization === undefined ? ['members'] : queryKeys.members(organization),
  ],
} as const satisfies Record<StateEvent['name'], (event: StateEvent) => readonly Key[]>;

export function staleKeys(event: StateEvent): readonly Key[] {
  const keysOf: (event: StateEvent) => readonly Key[] = staleAfter[event.name];
  return keysOf(event);
}
