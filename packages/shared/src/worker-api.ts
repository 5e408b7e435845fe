import { z } from 'zod';
import { isId } from './ids.ts';
import { cancelCauses, cancelModes } from './jobs.ts';
import { phases } from './run-status.ts';

/**
 * What workers ask the api over HTTP, under `/api/worker/v1`. Two credentials: the worker token (`Authorization: Bearer`,
 * the fleet's) registers, claims and beats; the job token of a claim reads and writes what belongs to that one phase.
 *
 * | request                                        | token  | body → answer |
 * | POST /workers/:workerId/heartbeat              | worker | heartbeat → heartbeatAnswer (200) |
 * | POST /challenges/:challengeId/claim            | worker | challengeClaimRequest → challengeClaim (200), 409 when nothing is to exchange |
 * | POST /aws-checks/:checkId/claim                | worker | checkClaimRequest → checkClaim (200), 409 when nobody waits for it any more |
 * | POST /runs/:runId/phases/:phase/claim          | worker | phaseClaimRequest → phaseClaim (200), 409 when not claimable |
 * | GET  /runs/:runId/configuration                | job    | → tar.gz |
 * | GET  /runs/:runId/state                        | job    | → state JSON (200) or 204 when there is none |
 * | PUT  /runs/:runId/state                        | job    | state JSON, apply only → 204; 422 `state_invalid`; same content again → 204 |
 * | PUT  /runs/:runId/plan-artifact                | job    | opaque bytes (sealed by the worker), plan only → 204 |
 * | GET  /runs/:runId/plan-artifact                | job    | → the same bytes, apply only |
 * | PUT  /runs/:runId/plan-json                    | job    | `terraform show -json` of the plan → 204 |
 * | PUT  /runs/:runId/provider-schemas             | job    | `providerSchemas`, plan only → 204 |
 */
export const workerApiPath = '/api/worker/v1';

export const heartbeatIntervalMs = 5_000;
/** A worker that was not heard of for this long is lost, and so are its phases. Must hold M "within 60 s" with the sweep's period. */
export const workerLostAfterMs = 30_000;

export const heartbeat = z.strictObject({
  name: z.string().max(200),
  version: z.string().max(50),
  concurrency: z.int().positive(),
  sandbox: z.enum(['bubblewrap', 'none']),
  draining: z.boolean(),
  /** Claims that this worker is working on. */
  claims: z.array(z.string()).max(1000),
  /** By claim, the last note (`phaseNote.sequence`) that was acted on; a claim that is not named has seen none. */
  notesSeen: z.record(z.string(), z.int().nonnegative()).optional(),
});
export type Heartbeat = z.infer<typeof heartbeat>;

/**
 * What the api tells a phase that runs. The log is the worker's from its claim on, so that the api's lines reach it here.
 * Notes are repeated with every answer until the next beat says that they were seen.
 */
export const phaseNote = z.object({
  claimId: z.string(),
  /** Ascending within a phase. */
  sequence: z.int().positive(),
  lines: z.array(z.string()),
  /** A newer session lies at `sessionKey(runId, phase)`. */
  isExtended: z.boolean(),
});
export type PhaseNote = z.infer<typeof phaseNote>;

export const heartbeatAnswer = z.object({
  /**
   * Claims to stop: a person canceled, or an owner revoked the session (`cause`), or (`kill`) the api has given the phase
   * up and its result is no longer wanted.
   */
  stop: z.array(
    z.object({
      claimId: z.string(),
      mode: z.enum(cancelModes),
      cause: z.enum(cancelCauses).default('canceled'),
    }),
  ),
  /** In order, those that the beat did not name as seen. */
  notes: z.array(phaseNote).default([]),
  /** True while an operator wants no new phase on this worker. Codes are exchanged all the same. */
  drain: z.boolean().optional(),
});
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswer>;

/** A message on `cancelChannel`, sealed. `news`: beat at once, the answer holds something for you. */
export const phaseMessage = z.union([
  z.strictObject({ mode: z.enum(cancelModes), cause: z.enum(cancelCauses).default('canceled') }),
  z.strictObject({ news: z.literal(true) }),
]);
export type PhaseMessage = z.input<typeof phaseMessage>;

/** Contexts of the sealed parts of an answer; each is bound to the claim it was made for. */
export const sealedContexts = {
  awsIdentity: (claimedId: string) => `aws-identity/${claimedId}`,
  variables: (claimId: string) => `variables/${claimId}`,
  planArtifact: (runId: string) => `plan-artifact/${runId}`,
} as const;

/** The long-lived keys, sealed. `sessionToken` only where somebody set AWS_SESSION_TOKEN as a variable. */
export const awsIdentity = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().optional(),
});
export type AwsIdentity = z.infer<typeof awsIdentity>;

/** What a role's trust policy lets us say about a session beyond its name (`sts:TagSession`, `sts:SetSourceIdentity`). */
export const roleTrust = z.strictObject({ tags: z.boolean(), sourceIdentity: z.boolean() });
export type RoleTrust = z.infer<typeof roleTrust>;

/** The same as it was just seen, and for the holder of which long-lived keys: each has a statement of its own to lack it. */
export const seenTrust = roleTrust.extend({ accessKeyId: z.string() });
export type SeenTrust = z.infer<typeof seenTrust>;

/** What session a phase wants. */
export const sessionRequest = z.object({
  runId: z.string(),
  phase: z.enum(phases),
  /** Absent: GetSessionToken. Present: AssumeRole of this role. */
  roleArn: z.string().optional(),
  durationSeconds: z.int(),
  /** Inline session policy (JSON), AssumeRole only. */
  sessionPolicy: z.string().optional(),
  /** Managed session policies, AssumeRole only; with `sessionPolicy` they narrow the role together. */
  policyArns: z.array(z.string()).max(10).optional(),
  /** RoleSessionName, shown by CloudTrail. */
  sessionName: z.string(),
  /** SourceIdentity, AssumeRole only, where the role allows it. */
  sourceIdentity: z.string().optional(),
  /** Session tags, AssumeRole only, where the role allows them. */
  tags: z.array(z.strictObject({ key: z.string(), value: z.string() })).optional(),
  /** What the role allowed last; absent: not known, so it is found out in a way that costs no code. */
  trust: roleTrust.optional(),
});
export type SessionRequest = z.infer<typeof sessionRequest>;

export const challengeClaimRequest = z.strictObject({ workerId: z.string(), attempt: z.int() });

export const challengeClaim = z.object({
  mfaSerial: z.string(),
  /** Sealed `awsIdentity`, context `sealedContexts.awsIdentity(challengeId)`. */
  sealedIdentity: z.string(),
  /** Every challenge that this one code releases, the claimed one first. With more than one, one GetSessionToken takes the code. */
  targets: z.array(z.object({ challengeId: z.string(), attempt: z.int(), session: sessionRequest })).min(1),
});
export type ChallengeClaim = z.infer<typeof challengeClaim>;

/**
 * `claimId`: the worker's own name for the claim, the same when it asks again because the answer was lost: then the
 * answer is given again. Without one each request is a claim of its own.
 */
export const phaseClaimRequest = z.strictObject({
  workerId: z.string(),
  claimId: z
    .string()
    .refine((text) => isId('claim', text), 'is no id of a claim')
    .optional(),
});

export const claimedVariable = z.strictObject({
  key: z.string(),
  value: z.string(),
  category: z.enum(['env', 'terraform']),
  /** `terraform` only: the value is an HCL expression, not a string. */
  hcl: z.boolean(),
  sensitive: z.boolean(),
});
export type ClaimedVariable = z.infer<typeof claimedVariable>;

export const phaseClaim = z.object({
  claimId: z.string(),
  jobToken: z.string(),
  runId: z.string(),
  phase: z.enum(phases),
  organization: z.string(),
  workspace: z.object({ id: z.string(), name: z.string() }),
  /** Name of the person or token that queued the run, for the log's head. */
  createdBy: z.string(),
  /** As `parseWantedVersion` reads it: a version, a constraint, or `latest` for whatever the worker has. */
  terraformVersion: z.string(),
  /** Relative, without `..`; empty means the root. */
  workingDirectory: z.string(),
  isDestroy: z.boolean(),
  refresh: z.boolean(),
  refreshOnly: z.boolean(),
  planOnly: z.boolean(),
  /** A plan without changes may be applied too. */
  allowEmptyApply: z.boolean().optional(),
  /** Plan and apply print JSON lines (`-json`), which the log then holds. */
  structuredOutput: z.boolean(),
  /** The terraform CLI will draw the plan: it needs the schemas of what the plan speaks of. */
  wantsProviderSchemas: z.boolean(),
  targetAddrs: z.array(z.string()),
  replaceAddrs: z.array(z.string()),
  /** Sealed JSON array of `claimedVariable`, the withheld AWS variables left out. Context `sealedContexts.variables(claimId)`. */
  sealedVariables: z.string(),
  aws: z.discriminatedUnion('source', [
    /** No AWS keys are set: terraform runs without a session. */
    z.object({ source: z.literal('none') }),
    /** A code was exchanged: the session lies sealed at `sessionKey(runId, phase)`. */
    z.object({ source: z.literal('challenge') }),
    /** No code is needed: the worker asks STS itself, without one. Sealed `awsIdentity`, context `…awsIdentity(claimId)`. */
    z.object({ source: z.literal('keys'), sealedIdentity: z.string(), session: sessionRequest }),
  ]),
  /** `endpoint`: the container-credentials endpoint on the run's own socket. `environment`: plain AWS_* variables. */
  awsDelivery: z.enum(['endpoint', 'environment']),
  /** How long before its end a session that needs a code asks for the next one (ms); it never asks before its half. */
  extendBeforeMs: z.int().positive().default(600_000),
  /** Whole phase, from claim to report. */
  timeoutMs: z.int().positive(),
  /** Bytes of log after which the rest is cut, which is announced in the log. */
  logLimitBytes: z.int().positive(),
});
export type PhaseClaim = z.infer<typeof phaseClaim>;

/**
 * What of `terraform providers schema -json` a plan needs to be drawn: the types that it speaks of, and no others. What a
 * schema is inside is terraform's; clients that draw a plan know it.
 */
export const providerSchemas = z.object({
  format_version: z.string(),
  provider_schemas: z.record(
    z.string(),
    z.object({
      resource_schemas: z.record(z.string(), z.unknown()).optional(),
      data_source_schemas: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
export type ProviderSchemas = z.infer<typeof providerSchemas>;

/** STS credentials as they lie sealed at `sessionKey`. */
export const sealedSession = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiresAt: z.iso.datetime(),
});
export type SealedSession = z.infer<typeof sealedSession>;
