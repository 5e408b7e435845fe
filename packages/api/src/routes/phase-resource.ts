import { apiPhaseStatus } from '@gatehouse/shared/api-status';
import type { Phase } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import type { DeviceHolder } from '../services/answering-devices.ts';
import { type LogReadUrlDependencies, logReadUrl } from '../services/log-read-url.ts';
import { challengeInHand } from '../store/challenges.ts';
import type { RunDetails } from '../store/run-details.ts';
import { resourceSchema, timestamp, timestampOf } from './json-api.ts';
import { mfaAttributes, mfaAttributesOf } from './mfa-attributes.ts';

const attributes = {
  status: z.string(),
  'status-timestamps': z.record(z.string(), timestamp),
  'log-read-url': z.string(),
  'resource-additions': z.int().nullable(),
  'resource-changes': z.int().nullable(),
  'resource-destructions': z.int().nullable(),
  'resource-imports': z.int().nullable(),
  'log-size-bytes': z.int().nullable(),
  /** Null when the phase has not come to need a code. */
  mfa: mfaAttributes.nullable(),
};

export const planSchema = resourceSchema(
  'plans',
  {
    ...attributes,
    'has-changes': z.boolean(),
    'generated-configuration': z.boolean(),
    'has-json-output': z.boolean(),
  },
  { links: z.object({ self: z.string(), 'json-output': z.string().optional() }) },
);

export const applySchema = resourceSchema('applies', attributes, { links: z.object({ self: z.string() }) });

/** Who looks (`holder`) matters for the devices that a code may come from. */
export function planResource(
  dependencies: LogReadUrlDependencies,
  details: RunDetails,
  holder: DeviceHolder,
): z.input<typeof planSchema> {
  const row = rowOf(details, 'plan');
  const id = row?.id ?? '';
  const self = `/api/v2/plans/${id}`;
  return {
    id,
    type: 'plans',
    attributes: {
      ...attributesOf(dependencies, details, 'plan', holder),
      'has-changes': row?.hasChanges ?? false,
      'generated-configuration': false,
      'has-json-output': row?.hasPlanJson ?? false,
    },
    links: row?.hasPlanJson ? { self, 'json-output': `${self}/json-output` } : { self },
  };
}

export function applyResource(
  dependencies: LogReadUrlDependencies,
  details: RunDetails,
  holder: DeviceHolder,
): z.input<typeof applySchema> {
  const id = rowOf(details, 'apply')?.id ?? '';
  return {
    id,
    type: 'applies',
    attributes: attributesOf(dependencies, details, 'apply', holder),
    links: { self: `/api/v2/applies/${id}` },
  };
}

function rowOf({ phases }: RunDetails, phase: Phase): RunDetails['phases'][number] | undefined {
  return phases.find((row) => row.phase === phase);
}

function attributesOf(
  dependencies: LogReadUrlDependencies,
  details: RunDetails,
  phase: Phase,
  holder: DeviceHolder,
): z.input<typeof applySchema>['attributes'] {
  const row = rowOf(details, phase);
  const challenge = challengeInHand(details.challenges.filter((candidate) => candidate.phase === phase));
  return {
    status: apiPhaseStatus(details.run.status, phase, row?.outcome ?? undefined),
    'status-timestamps': timesOf(row),
    'log-read-url': logReadUrl(dependencies, { runId: details.run.id, phase }),
    'resource-additions': row?.resourceAdditions ?? null,
    'resource-changes': row?.resourceChanges ?? null,
    'resource-destructions': row?.resourceDestructions ?? null,
    'resource-imports': row?.resourceImports ?? null,
    'log-size-bytes': row?.logSizeBytes ?? null,
    mfa:
      challenge === undefined
        ? null
        : mfaAttributesOf(challenge, details.run, {
            sealer: dependencies.sealer,
            now: dependencies.clock.now(),
            spentCodes: details.spentCodes,
            plannedSessions: details.plannedSessions,
            holder,
          }),
  };
}

function timesOf(row: RunDetails['phases'][number] | undefined): Record<string, string> {
  const times: Record<string, string> = {};
  if (row?.queuedAt) times['queued-at'] = timestampOf(row.queuedAt);
  if (row?.startedAt) times['started-at'] = timestampOf(row.startedAt);
  if (row?.endedAt && row.outcome) times[`${row.outcome}-at`] = timestampOf(row.endedAt);
  return times;
}
