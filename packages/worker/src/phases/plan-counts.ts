import { z } from 'zod';
import type { Counts } from './outcome.ts';

/** The part of `terraform show -json` (format_version 1.x) that is counted. */
const shownPlan = z.object({
  resource_changes: z
    .array(
      z.object({
        mode: z.string().optional(),
        change: z.object({ actions: z.array(z.string()), importing: z.unknown().optional() }),
      }),
    )
    .default([]),
});

/** As terraform's own "Plan: 1 to add, …": a replacement is one of each, data sources do not count. */
export function countChanges(plan: unknown): Counts {
  const changes = shownPlan.parse(plan).resource_changes.filter(({ mode }) => mode !== 'data');
  const having = (action: string) => changes.filter(({ change }) => change.actions.includes(action)).length;
  return {
    resourceAdditions: having('create'),
    resourceChanges: having('update'),
    resourceDestructions: having('delete'),
    resourceImports: changes.filter(({ change }) => change.importing !== undefined && change.importing !== null).length,
  };
}
