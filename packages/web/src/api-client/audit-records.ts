import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { instant, many, resource } from './json-api.ts';

const auditRecord = resource('audit-records', {
  at: instant,
  action: z.string(),
  actor: z.string(),
  'target-type': z.string(),
  'target-id': z.string(),
  details: z.record(z.string(), z.unknown()),
});

export type AuditRecord = {
  id: string;
  at: number;
  action: string;
  actor: string;
  targetType: string;
  targetId: string;
  details: Readonly<Record<string, unknown>>;
};

/** Exact words; an empty one filters nothing. */
export type AuditFilter = { action: string; actor: string; run: string };

/** Newest first; owners only. */
export async function listAuditRecords(
  api: Api,
  organization: string,
  filter: AuditFilter,
  page: { number: number; size: number },
  signal?: AbortSignal,
): Promise<{ records: AuditRecord[]; totalCount: number }> {
  const query = new URLSearchParams({ 'page[number]': String(page.number), 'page[size]': String(page.size) });
  for (const name of ['action', 'actor', 'run'] as const) {
    if (filter[name] !== '') query.set(`filter[${name}]`, filter[name]);
  }
  const path = `/organizations/${encodeURIComponent(organization)}/audit-records?${query}`;
  const answer = await api.get(path, many(auditRecord), signal);
  const records = answer.data.map(({ id, attributes }) => ({
    id,
    at: attributes.at,
    action: attributes.action,
    actor: attributes.actor,
    targetType: attributes['target-type'],
    targetId: attributes['target-id'],
    details: attributes.details,
  }));
  return { records, totalCount: answer.meta?.pagination?.['total-count'] ?? records.length };
}
