import { z } from 'zod';

/** One change of a plan by the name that terraform calls it while it applies, and how many steps it takes. */
export const plannedChange = z.strictObject({
  address: z.string(),
  /** Which of terraform's "… complete" it takes: a replacement takes two. */
  steps: z.array(z.enum(['create', 'update', 'delete'])).min(1),
});
export type PlannedChange = z.infer<typeof plannedChange>;
export type ChangeStep = PlannedChange['steps'][number];

/** The part of `terraform show -json` (format_version 1.x) that says what is to be changed, and how it is called. */
const shownPlan = z.object({
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        deposed: z.string().optional(),
        mode: z.string().optional(),
        change: z.object({ actions: z.array(z.string()) }),
      }),
    )
    .default([]),
});

/** Those that terraform tells the end of. What is only read, imported, moved or forgotten is no change of anything. */
export function changesOf(plan: unknown): PlannedChange[] {
  return shownPlan.parse(plan).resource_changes.flatMap(({ address, deposed, mode, change }) => {
    const steps = change.actions.filter((action) => isStep(action));
    if (mode === 'data' || steps.length === 0) return [];
    return [{ address: deposed === undefined ? address : `${address} (deposed object ${deposed})`, steps }];
  });
}

function isStep(action: string): action is ChangeStep {
  return plannedChange.shape.steps.element.safeParse(action).success;
}
