import { z } from 'zod';
import { endReasons } from './end-reasons.ts';
import { mfaRejections } from './error-codes.ts';
import { phases } from './run-status.ts';
import { seenTrust } from './worker-api.ts';

/**
 * What a worker tells the api through the `worker-reports` queue. Each report is sealed, so that nobody without the
 * sealing key can forge one, and each names the attempt or claim it belongs to, so that a late one changes nothing.
 */
export const reportContext = 'worker-report';

export const workerReportJob = z.strictObject({ sealed: z.string() });

const challengeAttempt = { challengeId: z.string(), attempt: z.int().nonnegative() };

const outcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('finished'),
    /** Whether there is something to apply (plan) or was (apply). */
    hasChanges: z.boolean(),
    resourceAdditions: z.int().nonnegative(),
    resourceChanges: z.int().nonnegative(),
    resourceDestructions: z.int().nonnegative(),
    resourceImports: z.int().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    // z.enum wants a tuple of keys, which Object.keys of a record cannot promise; the record is never empty.
    reason: z.enum(Object.keys(endReasons) as [keyof typeof endReasons, ...(keyof typeof endReasons)[]]),
    /** One sentence for the run's page, without secrets. */
    message: z.string().max(2000),
  }),
  z.strictObject({ kind: z.literal('canceled'), forced: z.boolean() }),
]);

/** What a phase came to. Phases return it; they throw only for a defect. */
export type Outcome = z.infer<typeof outcome>;

export const workerReport = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('mfa_authenticated'),
    ...challengeAttempt,
    /** Access key id of the session: no secret, and what CloudTrail shows. */
    accessKeyId: z.string(),
    expiresAt: z.iso.datetime(),
    /** Of a session by AssumeRole: what its role allowed. */
    trust: seenTrust.optional(),
  }),
  z.strictObject({
    type: z.literal('mfa_rejected'),
    ...challengeAttempt,
    rejection: z.enum(mfaRejections),
    /** AWS's own words and request id, for the fold "What AWS said". */
    awsMessage: z.string().max(2000).optional(),
    awsRequestId: z.string().max(200).optional(),
  }),
  /** A running phase has an AWS session: its first, or a newer one. */
  z.strictObject({
    type: z.literal('session_opened'),
    runId: z.string(),
    phase: z.enum(phases),
    claimId: z.string(),
    /** No secret, and what CloudTrail shows. */
    accessKeyId: z.string(),
    /** Null: somebody else's session token, whose end is not known. */
    expiresAt: z.iso.datetime().nullable(),
    /** When terraform is interrupted unless the session is extended; null where `expiresAt` is. */
    stopsAt: z.iso.datetime().nullable(),
    /** When a code is to be asked for; null where none can help: it renews itself, or terraform has it in its environment. */
    asksAt: z.iso.datetime().nullable(),
    trust: seenTrust.optional(),
  }),
  /** The gate job woke and found no code: the deadline, or a code that was lost. The api decides which. */
  z.strictObject({ type: z.literal('challenge_woke'), ...challengeAttempt }),
  z.strictObject({
    type: z.literal('phase_finished'),
    runId: z.string(),
    phase: z.enum(phases),
    claimId: z.string(),
    outcome,
    /** What it ran, as `versionName` has it; absent when it did not get to know. */
    terraformVersion: z.string().max(100).optional(),
  }),
]);

export type WorkerReport = z.infer<typeof workerReport>;
