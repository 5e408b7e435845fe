/**
 * The life of a run, whole: statuses, events, and which event leads where. Every package asks this table; nobody else
 * lists statuses. `docs/run-lifecycle.md` is drawn from it.
 */

export const phases = ['plan', 'apply'] as const;
export type Phase = (typeof phases)[number];

const table = {
  /** Behind another run of its workspace, or its workspace is locked. */
  pending: {
    planReleased: 'plan_queued',
    planMfaRequired: 'awaiting_plan_mfa',
    discarded: 'discarded',
    canceled: 'canceled',
  },
  /** A code is awaited before the plan may be queued (M6). */
  awaiting_plan_mfa: {
    planAuthenticated: 'plan_queued',
    mfaGivenUp: 'errored',
    discarded: 'discarded',
    canceled: 'canceled',
  },
  /** The plan may start as soon as a worker takes it. */
  plan_queued: {
    planStarted: 'planning',
    phaseFailed: 'errored',
    canceled: 'canceled',
  },
  planning: {
    planAwaitsDecision: 'planned',
    planSaved: 'planned_and_saved',
    planFinished: 'planned_and_finished',
    phaseFailed: 'errored',
    canceled: 'canceled',
  },
  /** The plan has changes; a person decides. Where the apply needs MFA a code is the decision (M5). */
  planned: {
    applyConfirmed: 'apply_queued',
    applyMfaRequired: 'awaiting_apply_mfa',
    discarded: 'discarded',
  },
  /** As `planned`, but the plan is kept for whenever it is wanted: only with the decision the run takes its workspace. */
  planned_and_saved: {
    applyConfirmed: 'apply_queued',
    applyMfaRequired: 'awaiting_apply_mfa',
    discarded: 'discarded',
  },
  /** The apply was decided on and waits for its own code. */
  awaiting_apply_mfa: {
    applyAuthenticated: 'apply_queued',
    mfaGivenUp: 'errored',
    discarded: 'discarded',
    canceled: 'canceled',
  },
  apply_queued: {
    applyStarted: 'applying',
    phaseFailed: 'errored',
    canceled: 'canceled',
  },
  applying: {
    applyFinished: 'applied',
    phaseFailed: 'errored',
    canceled: 'canceled',
  },
  planned_and_finished: {},
  applied: {},
  errored: {},
  discarded: {},
  canceled: {},
} as const satisfies Record<string, Record<string, string>>;

export type RunStatus = keyof typeof table;

type EventsOf<Status extends RunStatus> = Status extends RunStatus ? keyof (typeof table)[Status] : never;
export type RunEvent = EventsOf<RunStatus>;

// The table above is typed as written; this view of it admits the question "and from anywhere else?".
const transitions: Record<RunStatus, { readonly [event in RunEvent]?: RunStatus }> = table;

// Object.keys forgets the key type that `table` proves.
export const runStatuses = Object.keys(table) as readonly RunStatus[];
export const runEvents: readonly RunEvent[] = [
  // The same loss: the keys of each row are events by construction.
  ...new Set(runStatuses.flatMap((status) => Object.keys(table[status]) as RunEvent[])),
];

/** Where `event` leads from `status`; undefined means it is not allowed there. */
export function nextStatus(status: RunStatus, event: RunEvent): RunStatus | undefined {
  return transitions[status][event];
}

/** Every status in which `event` is allowed: the guard of the write that applies it. */
export function sourcesOf(event: RunEvent): readonly RunStatus[] {
  return runStatuses.filter((status) => nextStatus(status, event) !== undefined);
}

/** A run in a terminal status never changes again. */
export function isTerminal(status: RunStatus): boolean {
  return Object.keys(transitions[status]).length === 0;
}

/** A plan that is kept: nothing of the run goes on, and it holds nothing, until somebody decides or the state changes. */
export function isSaved(status: RunStatus): boolean {
  return status === 'planned_and_saved';
}

/** An active run holds its workspace: later runs stay pending until it ends. Of runs that save their plan: once decided. */
export function isActive(status: RunStatus): boolean {
  return status !== 'pending' && !isSaved(status) && !isTerminal(status);
}

/** The apply was decided on and is not over. A run whose plan was saved is active from here on only. */
export function isDecided(status: RunStatus): boolean {
  return (phaseAwaitingMfa(status) ?? claimablePhase(status) ?? runningPhase(status)) === 'apply';
}

/** The phase whose code is awaited, if one is. */
export function phaseAwaitingMfa(status: RunStatus): Phase | undefined {
  if (status === 'awaiting_plan_mfa') return 'plan';
  if (status === 'awaiting_apply_mfa') return 'apply';
  return undefined;
}

/** The phase that a worker may claim in this status. */
export function claimablePhase(status: RunStatus): Phase | undefined {
  if (status === 'plan_queued') return 'plan';
  if (status === 'apply_queued') return 'apply';
  return undefined;
}

/** The phase that terraform is running in this status. */
export function runningPhase(status: RunStatus): Phase | undefined {
  if (status === 'planning') return 'plan';
  if (status === 'applying') return 'apply';
  return undefined;
}

export const startedEvent = { plan: 'planStarted', apply: 'applyStarted' } as const satisfies Record<Phase, RunEvent>;
export const authenticatedEvent = {
  plan: 'planAuthenticated',
  apply: 'applyAuthenticated',
} as const satisfies Record<Phase, RunEvent>;

/** Awaits a person's decision on a finished plan. */
export function canConfirm(status: RunStatus): boolean {
  return nextStatus(status, 'applyConfirmed') !== undefined;
}

/** Given up before terraform has anything to interrupt. */
export function canDiscard(status: RunStatus): boolean {
  return nextStatus(status, 'discarded') !== undefined;
}

/** A planned run is not canceled but discarded, as on the TFE API. */
export function canCancel(status: RunStatus): boolean {
  return nextStatus(status, 'canceled') !== undefined;
}
