import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { canDiscard, isTerminal, type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import { type RunFilter, runOperations } from '../store/run-filter.ts';
import { includeQuery } from './includes.ts';
import { pageQuery } from './json-api.ts';
import { wordsOf } from './tag-query.ts';

const list = z.string().max(1000).optional();

/** What go-tfe asks a workspace's list of runs for. Lists are separated by commas. */
export const runListQuery = pageQuery.extend({
  /** Words of `status` or `gatehouse-status`. */
  'filter[status]': list,
  /** `plan_and_apply`, `plan_only`, `refresh_only`, `destroy`, `empty_apply`. */
  'filter[operation]': list,
  'filter[source]': list,
  /** Who queued it: a part of the name. */
  'search[user]': z.string().max(200).optional(),
  /** Runs here come from no commit: finds none. */
  'search[commit]': z.string().max(200).optional(),
  /** A part of the id, the message or the name; the other two searches win over it. */
  'search[basic]': z.string().max(200).optional(),
  ...includeQuery.shape,
});

/** And what it asks an organization's for. */
export const organizationRunsQuery = runListQuery.extend({
  /** `non_final`, `final`, `discardable`. */
  'filter[status_group]': list,
  /** Years, or `year` for the last 365 days. */
  'filter[timeframe]': list,
  'filter[workspace_names]': list,
  /** There are no agents here: finds none. */
  'filter[agent_pool_names]': list,
});

type RunListQuery = z.output<typeof runListQuery> & Partial<z.output<typeof organizationRunsQuery>>;

export function runFilterOf(query: RunListQuery, now: Date): RunFilter {
  const user = query['search[user]'] || undefined;
  const commit = query['search[commit]'] || undefined;
  const operations = wordsOf(query['filter[operation]']);
  return {
    statuses: both(statusesNamed(query['filter[status]']), statusesGrouped(query['filter[status_group]'])),
    operations: operations && runOperations.filter((operation) => operations.includes(operation)),
    sources: wordsOf(query['filter[source]']),
    created: wordsOf(query['filter[timeframe]'])?.map((word) => timeframe(word, now)),
    workspaceNames: wordsOf(query['filter[workspace_names]']),
    user,
    text: user === undefined && commit === undefined ? query['search[basic]'] || undefined : undefined,
    nothing: commit !== undefined || wordsOf(query['filter[agent_pool_names]']) !== undefined,
  };
}

/** Our statuses that are called so on the API, by the TFE word or by ours. */
export function statusesNamed(words: string | undefined): RunStatus[] | undefined {
  const asked = wordsOf(words);
  return (
    asked &&
    runStatuses.filter((status) => [apiRunStatus(status), gatehouseStatus(status)].some((word) => asked.includes(word)))
  );
}

const groups: Record<string, (status: RunStatus) => boolean> = {
  final: isTerminal,
  non_final: (status) => !isTerminal(status),
  discardable: canDiscard,
};

function statusesGrouped(words: string | undefined): RunStatus[] | undefined {
  const asked = wordsOf(words);
  return asked && runStatuses.filter((status) => asked.some((word) => groups[word]?.(status)));
}

function both(named: RunStatus[] | undefined, grouped: RunStatus[] | undefined): RunStatus[] | undefined {
  if (named === undefined || grouped === undefined) return named ?? grouped;
  return named.filter((status) => grouped.includes(status));
}

const dayMs = 24 * 3600 * 1000;

function timeframe(word: string, now: Date): readonly [Date, Date] {
  if (word === 'year') return [new Date(now.getTime() - 365 * dayMs), new Date(now.getTime() + dayMs)];
  if (!/^\d{4}$/.test(word)) {
    throw new GatehouseError('invalid_request', 'filter[timeframe] takes years such as 2026, or "year".');
  }
  const year = Number(word);
  return [new Date(Date.UTC(year, 0)), new Date(Date.UTC(year + 1, 0))];
}
