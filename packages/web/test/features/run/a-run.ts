import { aRun } from '../../pages/page-stage.tsx';

export const challengeId = 'mfa-1';

/** A wait for a code, as the api shows it. */
export function anMfa(attributes: Record<string, unknown> = {}) {
  return {
    'challenge-id': challengeId,
    phase: 'plan',
    purpose: 'start',
    state: 'awaiting',
    'deadline-at': new Date(Date.now() + 29.5 * 60_000).toISOString(),
    'attempts-left': 5,
    'last-error': null,
    'submitted-by': null,
    'authenticated-by': null,
    'authenticated-at': null,
    'session-expires-at': null,
    'authenticated-with': null,
    devices: [aDevice()],
    'planned-session': null,
    ...attributes,
  };
}

export function aDevice(attributes: Record<string, unknown> = {}) {
  return {
    id: 'device-1',
    label: '…4821:mfa/ops-alice',
    owner: 'organization',
    'code-spent-until': null,
    'code-spent-by': null,
    'code-spent-for': null,
    'code-spent-run-id': null,
    ...attributes,
  };
}

export const myDevice = aDevice({ id: 'device-9', label: '…4821:mfa/alice', owner: 'own' });

// One instant for all, so that what is made twice is the same.
const loadedAt = Date.now();

export function inMinutes(minutes: number): string {
  return new Date(loadedAt + minutes * 60_000).toISOString();
}

export function aSession(attributes: Record<string, unknown> = {}) {
  return {
    phase: 'apply',
    'access-key-id': 'ASIAIOSFODNN7EXAMPLE',
    'expires-at': inMinutes(9.9),
    'stops-at': inMinutes(8.9),
    'is-extendable': true,
    'revoked-at': null,
    'revoked-by': null,
    revocation: null,
    ...attributes,
  };
}

export function aRefusal(code: string) {
  return { code, 'aws-message': 'MultiFactorAuthentication failed', 'aws-request-id': 'req-7', at: null };
}

export function planOf(attributes: Record<string, unknown> = {}) {
  return {
    id: 'plan-1',
    type: 'plans',
    attributes: { 'log-size-bytes': null, mfa: null, 'has-json-output': false, ...attributes },
  };
}

export function applyOf(attributes: Record<string, unknown> = {}) {
  return { id: 'apply-1', type: 'applies', attributes: { 'log-size-bytes': null, mfa: null, ...attributes } };
}

/** `GET /runs/run-1?include=plan,apply` of a run that waits for the code of its plan. */
export function awaitingPlan(mfa: Record<string, unknown> = {}, attributes: Record<string, unknown> = {}) {
  const wait = anMfa(mfa);
  const run = aRun('run-1', {
    'gatehouse-status': 'awaiting_mfa',
    'mfa-level': 'plans_and_applies',
    'who-may-authenticate': ['alice', 'bob'],
    mfa: wait,
    ...attributes,
  });
  return { data: run, included: [planOf({ mfa: wait }), applyOf()] };
}

/** The same for the code of its apply, which destroys. */
export function awaitingApply(mfa: Record<string, unknown> = {}, attributes: Record<string, unknown> = {}) {
  const wait = anMfa({ phase: 'apply', 'challenge-id': 'mfa-2', ...mfa });
  const run = aRun('run-1', {
    'gatehouse-status': 'planned',
    'mfa-level': 'plans_and_applies',
    'who-may-authenticate': ['alice'],
    'plan-counts': { additions: 1, changes: 0, destructions: 2, imports: 0 },
    destroys: true,
    'confirm-name-required': true,
    mfa: wait,
    ...attributes,
  });
  const plan = planOf({ mfa: anMfa({ state: 'authenticated', 'authenticated-by': 'bob' }) });
  return { data: run, included: [plan, applyOf({ mfa: wait })] };
}

/** The same of a run whose apply runs, started by bob; `mfa`: the wait for a code that extends its session. */
export function applying(
  mfa: Record<string, unknown> | null = null,
  session: Record<string, unknown> = {},
  attributes: Record<string, unknown> = {},
) {
  const started = anMfa({
    phase: 'apply',
    'challenge-id': 'mfa-2',
    state: 'authenticated',
    'authenticated-by': 'bob',
    'authenticated-at': inMinutes(-50),
    'authenticated-with': { label: '…4821:mfa/bob', owner: 'own' },
    'session-expires-at': inMinutes(9.9),
  });
  const extension =
    mfa &&
    anMfa({
      phase: 'apply',
      'challenge-id': 'mfa-3',
      purpose: 'extend',
      'deadline-at': inMinutes(8.9),
      ...mfa,
    });
  const run = aRun('run-1', {
    'gatehouse-status': 'applying',
    'mfa-level': 'applies_only',
    'who-may-authenticate': extension === null ? [] : ['alice', 'bob'],
    mfa: extension ?? started,
    session: aSession(session),
    destroys: true,
    'confirm-name-required': true,
    ...attributes,
  });
  return { data: run, included: [planOf(), applyOf({ mfa: extension ?? started })] };
}

/** `GET /runs/run-1/run-events` of a run whose apply was started; `last`: how it ended. */
export function eventsOfApply(last?: string) {
  const ways = ['planning', 'planned', 'apply_queued', 'applying', ...(last === undefined ? [] : [last])];
  return ways.map((to, index) => ({
    id: `event-${index}`,
    type: 'run-events',
    attributes: { event: 'went_on', at: inMinutes(index * 3 - 60), by: 'gatehouse', to, reason: null },
  }));
}
