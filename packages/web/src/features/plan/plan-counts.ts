import type { Plan, PlanAction } from './read-plan.ts';

export type PlanCounts = Record<PlanAction, number> & { moved: number; imported: number };

export function countPlan(plan: Plan): PlanCounts {
  const counts = { destroy: 0, replace: 0, change: 0, add: 0, forget: 0, read: 0, moved: 0, imported: 0 };
  for (const { action, movedFrom, importId } of plan.resources) {
    if (action !== 'none') counts[action] += 1;
    if (movedFrom !== undefined) counts.moved += 1;
    if (importId !== undefined) counts.imported += 1;
  }
  return counts;
}

/** Terraform counts a replacement twice; people who compare with its output want its numbers. */
export function terraformsCounting(counts: PlanCounts): string {
  const { add, change, destroy, replace, imported } = counts;
  const parts = [`${add + replace} to add`, `${change} to change`, `${destroy + replace} to destroy`];
  return [...(imported > 0 ? [`${imported} to import`] : []), ...parts].join(', ');
}

/** For the sentence of consent: `3 added, 2 changed, 1 replaced, 1 destroyed`; without what is zero. */
export function consentCounts(counts: PlanCounts): string {
  const words = [
    [counts.add, 'added'],
    [counts.change, 'changed'],
    [counts.replace, 'replaced'],
    [counts.destroy, 'destroyed'],
    [counts.forget, 'forgotten'],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** A destroy or a replace: the environment's name is typed before the code. */
export function isDestructive(counts: PlanCounts): boolean {
  return counts.destroy + counts.replace > 0;
}

export function isEmptyPlan(plan: Plan): boolean {
  return plan.resources.length === 0 && plan.outputs.length === 0;
}
