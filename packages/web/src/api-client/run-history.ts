import { type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { instant, many, resource } from './json-api.ts';

/** One change of a run's status. */
export type RunHistoryEntry = {
  event: string;
  toStatus: RunStatus;
  at: number;
  by: string;
  reason: string | undefined;
};

const historyDocument = many(
  resource('run-events', {
    event: z.nullable(z.string()),
    at: instant,
    by: z.string(),
    to: z.nullable(z.enum(runStatuses)),
    reason: z.nullable(z.string()),
  }),
);

/** What happened to a run, oldest first. */
export async function readRunHistory(api: Api, runId: string, signal?: AbortSignal): Promise<RunHistoryEntry[]> {
  const { data } = await api.get(`/runs/${encodeURIComponent(runId)}/run-events`, historyDocument, signal);
  return data.flatMap(({ attributes: { event, at, by, to, reason } }) =>
    // A notice for the terraform CLI has no event: it is no change.
    event === null || to === null ? [] : [{ event, toStatus: to, at, by, reason: reason ?? undefined }],
  );
}
