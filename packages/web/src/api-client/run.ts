import { type EndReason, isEndReason } from '@gatehouse/shared/end-reasons';
import { type MfaLevel, mfaLevels } from '@gatehouse/shared/mfa-level';
import { type Phase, type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { instant, resource } from './json-api.ts';
import { type Mfa, mfaOf, mfaSchema } from './mfa.ts';
import { type RunSession, runSessionOf, runSessionSchema } from './run-session.ts';

const countsSchema = z.object({
  additions: z.int(),
  changes: z.int(),
  destructions: z.int(),
  imports: z.int(),
});

/** As terraform counts: a replacement is an addition and a destruction. */
export type ChangeCounts = z.infer<typeof countsSchema>;

const linked = z.object({ data: z.nullable(z.object({ id: z.string() })) });

export const runSchema = z.extend(
  resource('runs', {
    actions: z.object({
      'is-cancelable': z.boolean(),
      'is-confirmable': z.boolean(),
      'is-discardable': z.boolean(),
      'is-authenticatable': z.boolean(),
      'is-session-revocable': z.boolean(),
    }),
    permissions: z.object({
      'can-apply': z.boolean(),
      'can-cancel': z.boolean(),
      'can-discard': z.boolean(),
      'can-force-cancel': z.boolean(),
      'can-revoke-session': z.boolean(),
    }),
    'gatehouse-status': z.string(),
    'end-reason': z.nullable(z.string()),
    'end-message': z.nullable(z.string()),
    'mfa-level': z.enum(mfaLevels),
    mfa: z.nullable(mfaSchema),
    session: z.nullable(runSessionSchema),
    version: z.int(),
    message: z.string(),
    source: z.string(),
    'is-destroy': z.boolean(),
    'plan-only': z.boolean(),
    'save-plan': z.boolean(),
    'structured-output': z.boolean(),
    refresh: z.boolean(),
    'refresh-only': z.boolean(),
    'auto-apply': z.boolean(),
    'target-addrs': z.array(z.string()),
    'replace-addrs': z.array(z.string()),
    'terraform-version': z.string(),
    organization: z.string(),
    'workspace-id': z.string(),
    'workspace-name': z.string(),
    'created-by': z.string(),
    'created-at': instant,
    'ended-at': z.nullable(instant),
    'cancel-requested-at': z.nullable(instant),
    'force-cancel-available-at': z.nullable(instant),
    'who-may-authenticate': z.array(z.string()),
    'behind-run-id': z.nullable(z.string()),
    'queue-position': z.nullable(z.int()),
    'plan-counts': z.nullable(countsSchema),
    'apply-counts': z.nullable(countsSchema),
    destroys: z.boolean(),
    'confirm-name-required': z.boolean(),
  }),
  { relationships: z.object({ plan: linked, 'configuration-version': linked }) },
);

const phaseAttributes = {
  'log-size-bytes': z.nullable(z.int()),
  mfa: z.nullable(mfaSchema),
};
const planSchema = resource('plans', { ...phaseAttributes, 'has-json-output': z.boolean() });
const applySchema = resource('applies', phaseAttributes);

const runDocument = z.object({
  data: runSchema,
  included: z.optional(z.array(z.unknown())),
});

/** A run as a list shows it. */
export type RunSummary = {
  id: string;
  organization: string;
  workspaceId: string;
  /** Its name; the API says workspace. */
  environment: string;
  status: RunStatus;
  level: MfaLevel;
  /** Rises with every change. */
  version: number;
  message: string;
  source: string;
  createdBy: string;
  createdAt: number;
  endedAt: number | undefined;
  endReason: EndReason | undefined;
  /** A sentence that says more than the reason. */
  endMessage: string | undefined;
  /** The newest wait for a code; while a session may be extended, that one. */
  mfa: Mfa | undefined;
  session: RunSession | undefined;
  /** Names of those who may enter a code now; empty while none is awaited. */
  mayAuthenticate: readonly string[];
  behindRunId: string | undefined;
  queuePosition: number | undefined;
  planCounts: ChangeCounts | undefined;
  applyCounts: ChangeCounts | undefined;
  destroys: boolean;
  /** The page must send the environment's name with an apply. */
  needsName: boolean;
  isCancelable: boolean;
  isDiscardable: boolean;
  isConfirmable: boolean;
  isSessionRevocable: boolean;
  mayForceCancel: boolean;
  cancelRequestedAt: number | undefined;
  forceCancelAvailableAt: number | undefined;
  /** What it asks for, and after its plan what that became: `1.11.4`, `tofu-1.9.0`. */
  terraformVersion: string;
  /** Its logs hold terraform's JSON lines. */
  hasStructuredLog: boolean;
  /** What it was queued with, to queue it again. */
  options: RunOptions;
  planId: string | undefined;
  configurationVersionId: string | undefined;
};

export type RunOptions = {
  planOnly: boolean;
  /** The plan is kept until somebody decides; the run holds its environment from then on. */
  savePlan: boolean;
  isDestroy: boolean;
  refresh: boolean;
  refreshOnly: boolean;
  targets: readonly string[];
  replaces: readonly string[];
};

/** A run with what the page of it needs of its phases. */
export type Run = RunSummary & {
  hasPlanJson: boolean;
  /** The wait of each phase, as far as it had one. */
  mfaOfPhase: { readonly [phase in Phase]: Mfa | undefined };
};

/** Throws `not_found` also where one may not see it. */
export async function readRun(api: Api, runId: string, signal?: AbortSignal): Promise<Run> {
  const path = `/runs/${encodeURIComponent(runId)}?include=plan,apply`;
  const { data, included = [] } = await api.get(path, runDocument, signal);
  const plan = included.map((item) => planSchema.safeParse(item).data).find((item) => item !== undefined);
  const apply = included.map((item) => applySchema.safeParse(item).data).find((item) => item !== undefined);
  return {
    ...runOf(data),
    hasPlanJson: plan?.attributes['has-json-output'] ?? false,
    mfaOfPhase: { plan: mfaOf(plan?.attributes.mfa), apply: mfaOf(apply?.attributes.mfa) },
  };
}

export function runOf({ id, attributes, relationships }: z.infer<typeof runSchema>): RunSummary {
  const reason = attributes['end-reason'];
  return {
    id,
    organization: attributes.organization,
    workspaceId: attributes['workspace-id'],
    environment: attributes['workspace-name'],
    status: statusOf(attributes['gatehouse-status'], attributes.mfa?.phase),
    level: attributes['mfa-level'],
    version: attributes.version,
    message: attributes.message,
    source: attributes.source,
    createdBy: attributes['created-by'],
    createdAt: attributes['created-at'],
    endedAt: attributes['ended-at'] ?? undefined,
    endReason: reason !== null && isEndReason(reason) ? reason : undefined,
    endMessage: attributes['end-message'] ?? undefined,
    mfa: mfaOf(attributes.mfa),
    session: runSessionOf(attributes.session),
    mayAuthenticate: attributes['who-may-authenticate'],
    behindRunId: attributes['behind-run-id'] ?? undefined,
    queuePosition: attributes['queue-position'] ?? undefined,
    planCounts: attributes['plan-counts'] ?? undefined,
    applyCounts: attributes['apply-counts'] ?? undefined,
    destroys: attributes.destroys,
    terraformVersion: attributes['terraform-version'],
    needsName: attributes['confirm-name-required'],
    isCancelable: attributes.actions['is-cancelable'] && attributes.permissions['can-cancel'],
    isDiscardable: attributes.actions['is-discardable'] && attributes.permissions['can-discard'],
    isConfirmable: attributes.actions['is-confirmable'] && attributes.permissions['can-apply'],
    isSessionRevocable: attributes.actions['is-session-revocable'] && attributes.permissions['can-revoke-session'],
    mayForceCancel: attributes.permissions['can-force-cancel'],
    cancelRequestedAt: attributes['cancel-requested-at'] ?? undefined,
    forceCancelAvailableAt: attributes['force-cancel-available-at'] ?? undefined,
    hasStructuredLog: attributes['structured-output'],
    options: {
      planOnly: attributes['plan-only'],
      savePlan: attributes['save-plan'],
      isDestroy: attributes['is-destroy'],
      refresh: attributes.refresh,
      refreshOnly: attributes['refresh-only'],
      targets: attributes['target-addrs'],
      replaces: attributes['replace-addrs'],
    },
    planId: relationships.plan.data?.id,
    configurationVersionId: relationships['configuration-version'].data?.id,
  };
}

/** Our own status, from the API's word for it, which is one for both waits. Throws on a word of another version. */
export function statusOf(word: string, awaitedPhase: Phase | undefined): RunStatus {
  if (word === 'awaiting_mfa') return awaitedPhase === 'apply' ? 'awaiting_apply_mfa' : 'awaiting_plan_mfa';
  const status = runStatuses.find((candidate) => candidate === word);
  if (status === undefined) throw new Error(`The status ${word} is not one that this page knows.`);
  return status;
}
