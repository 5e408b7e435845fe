import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import { mfaLevels } from '@gatehouse/shared/mfa-level';
import {
  canCancel,
  canConfirm,
  canDiscard,
  isTerminal,
  phaseAwaitingMfa,
  runningPhase,
} from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import { planDestroys } from '../domain/confirm-name.ts';
import { forceCancelAvailableAt } from '../domain/force-cancel.ts';
import type { DeviceHolder } from '../services/answering-devices.ts';
import type { OwnVariable } from '../services/own-variables.ts';
import { sessionOfRun } from '../services/session-of-run.ts';
import { challengeInHand } from '../store/challenges.ts';
import type { RunDetails } from '../store/run-details.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { changeCounts, changeCountsOf } from './change-counts.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';
import { mfaAttributes, mfaAttributesOf } from './mfa-attributes.ts';
import { sessionAttributes, sessionAttributesOf } from './session-attributes.ts';

const flags = <const Name extends string>(...names: Name[]) =>
  // Object.fromEntries types its keys as string; they are exactly the names.
  z.object(Object.fromEntries(names.map((name) => [name, z.boolean()])) as Record<Name, z.ZodBoolean>);

export const runSchema = resourceSchema(
  'runs',
  {
    actions: flags(
      'is-cancelable',
      'is-confirmable',
      'is-discardable',
      'is-force-cancelable',
      'is-authenticatable',
      'is-session-revocable',
    ),
    permissions: flags(
      'can-apply',
      'can-cancel',
      'can-discard',
      'can-force-cancel',
      'can-force-execute',
      'can-comment',
      'can-revoke-session',
      'can-override-policy-check',
    ),
    status: z.string(),
    'gatehouse-status': z.string(),
    'status-timestamps': z.record(z.string(), timestamp),
    'end-reason': z.string().nullable(),
    'end-message': z.string().nullable(),
    'mfa-level': z.enum(mfaLevels),
    /** Null as long as no phase of the run has come to need a code. */
    mfa: mfaAttributes.nullable(),
    /** Of the phase in hand, or of the last one that had one; null: none has had one. */
    session: sessionAttributes.nullable(),
    /** Rises with every change of the run. */
    version: z.int(),
    message: z.string(),
    source: z.string(),
    'trigger-reason': z.string(),
    'auto-apply': z.boolean(),
    'allow-empty-apply': z.boolean(),
    'has-changes': z.boolean(),
    'is-destroy': z.boolean(),
    'plan-only': z.boolean(),
    'save-plan': z.boolean(),
    /** The logs hold terraform's JSON lines. */
    'structured-output': z.boolean(),
    refresh: z.boolean(),
    'refresh-only': z.boolean(),
    'target-addrs': z.array(z.string()),
    'replace-addrs': z.array(z.string()),
    'terraform-version': z.string(),
    /** Those that were given with the run; null: the value replaces a sensitive one. Only where one or several runs are read. */
    variables: z.array(z.object({ key: z.string(), value: z.string().nullable() })).optional(),
    /** Among all runs of the organization that wait for their turn or for a worker: 1 is the next; 0: it does not wait. */
    'position-in-queue': z.int(),
    /** Of a run that waits for its turn: 1 is the next. */
    'queue-position': z.int().nullable(),
    'behind-run-id': z.string().nullable(),
    organization: z.string(),
    'workspace-id': z.string(),
    'workspace-name': z.string(),
    /** Names; empty when no code is awaited. */
    'who-may-authenticate': z.array(z.string()),
    'plan-counts': changeCounts.nullable(),
    'apply-counts': changeCounts.nullable(),
    /** A destroy run, or a plan that destroys or replaces something. */
    destroys: z.boolean(),
    /** From the page, the apply needs the name of its workspace as `confirm-name`. */
    'confirm-name-required': z.boolean(),
    'created-by': z.string(),
    'created-at': timestamp,
    'ended-at': timestamp.nullable(),
    'canceled-at': timestamp.nullable(),
    'cancel-requested-at': timestamp.nullable(),
    'force-cancel-available-at': timestamp.nullable(),
  },
  {
    relationships: z.object({
      plan: toOne('plans'),
      apply: toOne('applies'),
      workspace: toOne('workspaces'),
      'configuration-version': toOne('configuration-versions'),
      'created-by': toOne('users'),
      'confirmed-by': toOne('users'),
      'run-events': z.object({ links: z.object({ related: z.string() }) }),
      comments: z.object({ links: z.object({ related: z.string() }) }),
      'task-stages': z.object({ data: z.array(z.never()) }),
      'policy-checks': z.object({ data: z.array(z.never()) }),
    }),
    links: z.object({ self: z.string(), 'self-html': z.string() }),
  },
);

export type RunResource = z.input<typeof runSchema>;

/** What depends on who looks, and when. */
export type RunView = {
  role: MemberRole;
  now: Date;
  forceCancelAfterMs: number;
  sealer: Pick<Sealer, 'fingerprint'>;
  holder: DeviceHolder;
  ownVariables?: readonly OwnVariable[];
};

export function runResource(details: RunDetails, view: RunView): RunResource {
  const { run, workspaceName, queuePlace } = details;
  const plan = details.phases.find(({ phase }) => phase === 'plan');
  const apply = details.phases.find(({ phase }) => phase === 'apply');
  const challenge = challengeInHand(details.challenges);
  const canceledAt = run.status === 'canceled' ? run.endedAt : null;
  return {
    id: run.id,
    type: 'runs',
    attributes: {
      actions: actionsOf(details, view),
      permissions: permissionsOf(view.role),
      status: apiRunStatus(run.status),
      'gatehouse-status': gatehouseStatus(run.status),
      'status-timestamps': statusTimestamps(details),
      'end-reason': run.endReason,
      'end-message': run.endMessage,
      'mfa-level': run.mfaLevel,
      mfa: challenge === undefined ? null : mfaAttributesOf(challenge, run, { ...view, ...details }),
      session: sessionAttributesOf(details),
      version: run.version,
      message: run.message,
      source: run.source,
      'trigger-reason': 'manual',
      'auto-apply': run.autoApply,
      'allow-empty-apply': run.allowEmptyApply,
      'has-changes': plan?.hasChanges ?? false,
      'is-destroy': run.isDestroy,
      'plan-only': run.planOnly,
      'save-plan': run.savePlan,
      'structured-output': run.structuredOutput,
      refresh: run.refresh,
      'refresh-only': run.refreshOnly,
      'target-addrs': run.targetAddrs,
      'replace-addrs': run.replaceAddrs,
      'terraform-version': run.terraformVersion,
      ...(view.ownVariables && { variables: [...view.ownVariables] }),
      'position-in-queue': details.positionInQueue,
      'queue-position': queuePlace?.position ?? null,
      'behind-run-id': queuePlace?.behindRunId ?? null,
      organization: run.organization,
      'workspace-id': run.workspaceId,
      'workspace-name': workspaceName,
      'who-may-authenticate': [...details.whoMayAuthenticate],
      'plan-counts': changeCountsOf(plan),
      'apply-counts': changeCountsOf(apply),
      destroys: run.isDestroy || planDestroys(plan),
      'confirm-name-required': planDestroys(plan),
      'created-by': run.createdByName,
      'created-at': timestampOf(run.createdAt),
      'ended-at': timestampOf(run.endedAt),
      'canceled-at': timestampOf(canceledAt),
      'cancel-requested-at': timestampOf(run.cancelRequestedAt),
      // Clients of the TFE API expect it of a run that was canceled, even when it ended at once.
      'force-cancel-available-at': timestampOf(
        forceCancelAvailableAt(run.cancelRequestedAt ?? canceledAt, view.forceCancelAfterMs),
      ),
    },
    relationships: {
      // Made with the run: the terraform CLI crashes where either is missing.
      plan: reference('plans', plan?.id ?? null),
      apply: reference('applies', apply?.id ?? null),
      workspace: reference('workspaces', run.workspaceId),
      'configuration-version': reference('configuration-versions', run.configurationVersionId),
      'created-by': reference('users', run.createdBy),
      'confirmed-by': reference('users', run.confirmedBy),
      'run-events': { links: { related: `/api/v2/runs/${run.id}/run-events` } },
      comments: { links: { related: `/api/v2/runs/${run.id}/comments` } },
      'task-stages': { data: [] },
      'policy-checks': { data: [] },
    },
    links: {
      self: `/api/v2/runs/${run.id}`,
      'self-html': `/app/${run.organization}/${workspaceName}/runs/${run.id}`,
    },
  };
}

function actionsOf(details: RunDetails, view: RunView): RunResource['attributes']['actions'] {
  const { run } = details;
  const challenge = challengeInHand(details.challenges);
  const isInTime = challenge?.deadlineAt == null || challenge.deadlineAt > view.now;
  const forceAt = forceCancelAvailableAt(run.cancelRequestedAt, view.forceCancelAfterMs);
  return {
    'is-cancelable': canCancel(run.status) && run.cancelRequestedAt === null,
    'is-confirmable': canConfirm(run.status),
    'is-discardable': canDiscard(run.status),
    'is-force-cancelable': runningPhase(run.status) !== undefined && forceAt !== null && forceAt <= view.now,
    'is-authenticatable': !isTerminal(run.status) && challenge?.state === 'awaiting' && isInTime,
    'is-session-revocable': sessionOfRun(details)?.isRevocable ?? false,
  };
}

function permissionsOf(role: MemberRole): RunResource['attributes']['permissions'] {
  return {
    'can-apply': true,
    'can-cancel': true,
    'can-discard': true,
    'can-force-cancel': role === 'owner',
    'can-force-execute': role === 'owner',
    'can-comment': true,
    'can-revoke-session': role === 'owner',
    'can-override-policy-check': false,
  };
}

/** When the run first came to each status, under the names that go-tfe reads (`planning-at`), and ours. */
function statusTimestamps({ run, history }: RunDetails): Record<string, string> {
  const times: Record<string, string> = { 'plan-queueable-at': timestampOf(run.createdAt) };
  for (const { toStatus, at, event } of history) {
    const names = [apiRunStatus(toStatus)];
    if (phaseAwaitingMfa(toStatus)) names.push('mfa_waiting');
    if (event === 'applyConfirmed' || event === 'applyMfaRequired') names.push('confirmed');
    for (const name of names) times[`${name.replaceAll('_', '-')}-at`] ??= timestampOf(at);
  }
  if (run.forceCanceledAt !== null) times['force-canceled-at'] = timestampOf(run.forceCanceledAt);
  return times;
}
