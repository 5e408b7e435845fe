import { z } from 'zod';

// A part of the contract between api and workers that `worker-api.ts` tells of.

export const checkClaimRequest = z.strictObject({ workerId: z.string() });

/** What a set-up check is to look at. What is absent is not looked at; the api says why. */
export const checkClaim = z.object({
  /** Sealed `awsIdentity`, context `sealedContexts.awsIdentity(checkId)`. Handed out once. */
  sealedIdentity: z.string(),
  mfaSerial: z.string().optional(),
  role: z
    .object({
      arn: z.string(),
      /** Every session is made with a code, so that the role should open with nothing less. */
      demandsCode: z.boolean(),
      /** With what sessions of runs would be named. */
      sessionName: z.string(),
      sourceIdentity: z.string(),
      tags: z.array(z.strictObject({ key: z.string(), value: z.string() })),
    })
    .optional(),
  /** A code lies at `tokenCodeKey(checkId, 0)`. */
  hasCode: z.boolean(),
});
export type CheckClaim = z.infer<typeof checkClaim>;
