import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { instant, many, one, resource } from './json-api.ts';

const reference = z.object({ data: z.nullable(z.object({ id: z.string() })) });
const stateVersion = z.extend(
  resource('state-versions', {
    'created-at': instant,
    serial: z.int(),
    size: z.int(),
    'terraform-version': z.string(),
    'resource-count': z.int(),
  }),
  { relationships: z.object({ run: reference, 'created-by': reference }) },
);
const listedOutput = resource('state-version-outputs', {
  name: z.string(),
  sensitive: z.boolean(),
  type: z.string(),
  value: z.unknown(),
});

export type StateVersion = {
  id: string;
  serial: number;
  createdAt: number;
  sizeBytes: number;
  terraformVersion: string;
  resourceCount: number;
  /** The run that wrote it; undefined: a person uploaded it. */
  runId: string | undefined;
  createdById: string | undefined;
};

/** `value` undefined: sensitive, and read only by itself. */
export type StateOutput = { id: string; name: string; type: string; isSensitive: boolean; value: unknown };

/** Newest first: the first of the first page is the current one. */
export async function listStateVersions(
  api: Api,
  environmentId: string,
  page: { number: number; size: number },
  signal?: AbortSignal,
): Promise<{ versions: StateVersion[]; totalCount: number }> {
  const path = `/workspaces/${environmentId}/state-versions?page[number]=${page.number}&page[size]=${page.size}`;
  const answer = await api.get(path, many(stateVersion), signal);
  return { versions: answer.data.map(versionOf), totalCount: answer.meta?.pagination?.['total-count'] ?? 0 };
}

export async function listOutputs(api: Api, stateVersionId: string, signal?: AbortSignal): Promise<StateOutput[]> {
  const { data } = await api.get(
    `/state-versions/${stateVersionId}/outputs?page[size]=100`,
    many(listedOutput),
    signal,
  );
  return data.map(outputOf);
}

/** One output with its value, also where it is sensitive. */
export async function readOutput(api: Api, id: string): Promise<StateOutput> {
  const { data } = await api.get(`/state-version-outputs/${id}`, one(listedOutput));
  return { ...outputOf(data), value: data.attributes.value };
}

/** A plain address: the session's cookie opens it. */
export function stateDownloadPath(id: string): string {
  return `/api/v2/state-versions/${encodeURIComponent(id)}/download`;
}

function versionOf({ id, attributes, relationships }: z.output<typeof stateVersion>): StateVersion {
  return {
    id,
    serial: attributes.serial,
    createdAt: attributes['created-at'],
    sizeBytes: attributes.size,
    terraformVersion: attributes['terraform-version'],
    resourceCount: attributes['resource-count'],
    runId: relationships.run.data?.id,
    createdById: relationships['created-by'].data?.id,
  };
}

function outputOf({ id, attributes }: z.output<typeof listedOutput>): StateOutput {
  const { name, type, sensitive, value } = attributes;
  return { id, name, type, isSensitive: sensitive, value: sensitive ? undefined : value };
}
