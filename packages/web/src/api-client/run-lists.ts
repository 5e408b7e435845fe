import { gatehouseStatus } from '@gatehouse/shared/api-status';
import { isTerminal, type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import { readAllPages } from './all-pages.ts';
import type { Api } from './api.ts';
import { many } from './json-api.ts';
import { type RunSummary, runOf, runSchema } from './run.ts';

/** Whose runs: those of an environment, or of all in an organization. */
export type RunPlace = { environmentId: string } | { organization: string };

const open = statusWords((status) => !isTerminal(status));
const over = statusWords(isTerminal);

/** Those that are not over. */
export async function listOpenRuns(api: Api, place: RunPlace, signal?: AbortSignal): Promise<RunSummary[]> {
  const { items } = await readAllPages(api, `${listPath(place)}&filter[status]=${open}`, runSchema, signal);
  return items.map(runOf);
}

/** Those that are over, newest first. `page` begins with 1. */
export async function listPastRuns(
  api: Api,
  place: RunPlace,
  page: { number: number; size: number },
  signal?: AbortSignal,
): Promise<{ runs: RunSummary[]; totalCount: number }> {
  const paging = `page[number]=${page.number}&page[size]=${page.size}`;
  const answer = await api.get(`${listPath(place)}&filter[status]=${over}&${paging}`, many(runSchema), signal);
  return { runs: answer.data.map(runOf), totalCount: answer.meta?.pagination?.['total-count'] ?? 0 };
}

function listPath(place: RunPlace): string {
  return 'organization' in place
    ? `/organizations/${encodeURIComponent(place.organization)}/runs?`
    : `/workspaces/${place.environmentId}/runs?filter[plan-only]=true`;
}

function statusWords(isWanted: (status: RunStatus) => boolean): string {
  return [...new Set(runStatuses.filter(isWanted).map(gatehouseStatus))].join(',');
}
