import { z } from 'zod';

/** What a page is told by name, so that it fetches what it shows again. */
export const pageEventNames = [
  'run.changed',
  'challenge.changed',
  'plan.ready',
  'settings.changed',
  'worker.changed',
] as const;

/** An event as it passes through Redis. It holds names, states and numbers, and no words of a person but names. */
export const pageEvent = z.strictObject({
  name: z.enum(pageEventNames),
  /** Whose members may hear of it; null: operators, where they ask for it. */
  organization: z.string().nullable(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

export type PageEvent = z.infer<typeof pageEvent>;
