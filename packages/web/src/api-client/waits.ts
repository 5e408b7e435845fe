import { type Phase, phases, type RunStatus } from '@gatehouse/shared/run-status';
import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { instant, many, resource } from './json-api.ts';
import { type Mfa, mfaOf, mfaSchema } from './mfa.ts';
import { type ChangeCounts, runSchema, statusOf } from './run.ts';

/** One run that waits for me: for a code, or for a decision that needs none. */
export type Wait = {
  runId: string;
  kind: 'code' | 'decision';
  phase: Phase;
  since: number;
  deadlineAt: number | undefined;
  organization: string;
  environment: string;
  message: string;
  source: string;
  createdBy: string;
  version: number;
  status: RunStatus;
  planCounts: ChangeCounts | undefined;
  destroys: boolean;
  mayAuthenticate: readonly string[];
  /** Undefined for a decision. */
  mfa: Mfa | undefined;
};

const waitsDocument = many(
  resource('waits', {
    kind: z.enum(['code', 'decision']),
    phase: z.enum(phases),
    'waiting-since': instant,
    'deadline-at': z.nullable(instant),
    organization: z.string(),
    'workspace-name': z.string(),
    'run-id': z.string(),
    'run-message': z.string(),
    'run-source': z.string(),
    'run-created-by': z.string(),
    'run-version': z.int(),
    'gatehouse-status': z.string(),
    'plan-counts': runSchema.shape.attributes.shape['plan-counts'],
    destroys: z.boolean(),
    'who-may-authenticate': z.array(z.string()),
    mfa: z.nullable(mfaSchema),
  }),
);

export type Waits = { waits: readonly Wait[]; total: number };

/** Everything that waits for me, in all my organizations, oldest first; at most 100 of them. */
export async function readWaits(api: Api, signal?: AbortSignal): Promise<Waits> {
  const { data, meta } = await api.get('/mfa-challenges?scope=mine&page[size]=100', waitsDocument, signal);
  const waits = data.map(({ attributes }) => ({
    runId: attributes['run-id'],
    kind: attributes.kind,
    phase: attributes.phase,
    since: attributes['waiting-since'],
    deadlineAt: attributes['deadline-at'] ?? undefined,
    organization: attributes.organization,
    environment: attributes['workspace-name'],
    message: attributes['run-message'],
    source: attributes['run-source'],
    createdBy: attributes['run-created-by'],
    version: attributes['run-version'],
    status: statusOf(attributes['gatehouse-status'], attributes.phase),
    planCounts: attributes['plan-counts'] ?? undefined,
    destroys: attributes.destroys,
    mayAuthenticate: attributes['who-may-authenticate'],
    mfa: mfaOf(attributes.mfa),
  }));
  return { waits, total: meta?.pagination?.['total-count'] ?? waits.length };
}
