import { cancelCauses, cancelModes } from '@gatehouse/shared/jobs';
import { phases } from '@gatehouse/shared/run-status';
import { z } from 'zod';

const phase = z.enum(phases);
const lines = z.array(z.string());
/** Names the append, so that a task that is done twice writes once. */
const once = z.string();

/**
 * What is to be done outside the database because of a change in it. Tasks of one run are done in the order in which
 * they were written; each may be done twice, and must not hurt then.
 */
export const outboxTask = z.discriminatedUnion('kind', [
  /** Tells readers that the run has changed. */
  z.strictObject({
    kind: z.literal('announce'),
    version: z.int(),
    /** What of the run changed besides its row. */
    about: z.array(z.enum(['challenge', 'plan'])).optional(),
  }),
  /** Tells pages that settings, variables or locks have changed; null: those of the whole organization. */
  z.strictObject({
    kind: z.literal('announce-settings'),
    organization: z.string(),
    workspaceId: z.string().nullable(),
    workspace: z.string().nullable(),
  }),
  /** Parks the gate job of one try until its deadline (ms since 1970). */
  z.strictObject({ kind: z.literal('park-challenge'), challengeId: z.string(), attempt: z.int(), deadlineMs: z.int() }),
  z.strictObject({ kind: z.literal('remove-challenge'), challengeId: z.string(), attempt: z.int() }),
  z.strictObject({ kind: z.literal('queue-phase'), phase }),
  z.strictObject({ kind: z.literal('remove-phase'), phase }),
  /** The first bytes of a phase's log; `append-log` continues it until a worker takes over. */
  z.strictObject({ kind: z.literal('open-log'), phase }),
  z.strictObject({ kind: z.literal('append-log'), phase, lines, once }),
  /** The last lines and the end mark, then the archive. Written only after the status that it ends in is committed. */
  z.strictObject({ kind: z.literal('close-log'), phase, lines }),
  /** Absent `cause`: a person canceled the run. */
  z.strictObject({
    kind: z.literal('send-cancel'),
    phase,
    mode: z.enum(cancelModes),
    cause: z.enum(cancelCauses).optional(),
  }),
  /** Has the phase's worker fetch its notes at once. */
  z.strictObject({ kind: z.literal('send-news'), phase }),
  /** Gives the run's saved plan up where the workspace's state is not the planned one any more. */
  z.strictObject({ kind: z.literal('discard-outdated-plan') }),
  /** Takes a session back that nobody may use any more. */
  z.strictObject({ kind: z.literal('drop-session'), phase }),
]);

export type OutboxTask = z.infer<typeof outboxTask>;
