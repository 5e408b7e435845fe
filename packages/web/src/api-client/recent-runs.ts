import type { Api } from './api.ts';
import { many } from './json-api.ts';
import { type RunSummary, runOf, runSchema } from './run.ts';

const runsDocument = many(runSchema);

/** The newest runs of an organization. */
export async function readNewestRuns(api: Api, organization: string, signal?: AbortSignal): Promise<RunSummary[]> {
  const path = `/organizations/${encodeURIComponent(organization)}/runs?page[size]=50`;
  const { data } = await api.get(path, runsDocument, signal);
  return data.map(runOf);
}
