import type { RunOptions } from '../../api-client/run.ts';

/** What a person can ask of a run, in the order in which it is offered. */
export const runKinds = ['plan-and-apply', 'plan-only', 'refresh-only', 'destroy'] as const;
export type RunKind = (typeof runKinds)[number];

export const kindWords = {
  'plan-and-apply': { title: 'Plan, then apply', effect: 'Someone reads the plan and decides.' },
  'plan-only': { title: 'Plan only', effect: 'Changes nothing, and runs beside what holds the environment.' },
  'refresh-only': { title: 'Refresh only', effect: 'Brings the state up to what is there; changes no resource.' },
  destroy: { title: 'Destroy', effect: 'Plans to destroy everything in this environment, and asks before it does.' },
} as const satisfies Record<RunKind, { title: string; effect: string }>;

export function optionsOf(kind: RunKind): RunOptions {
  return {
    planOnly: kind === 'plan-only',
    savePlan: false,
    isDestroy: kind === 'destroy',
    refreshOnly: kind === 'refresh-only',
    refresh: true,
    targets: [],
    replaces: [],
  };
}
