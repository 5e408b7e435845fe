import type { Readable } from 'node:stream';
import { parseForeignJson } from '@gatehouse/shared/foreign-json';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type ProviderSchemas, providerSchemas } from '@gatehouse/shared/worker-api';
import { z } from 'zod';
import { type BlobStore, blobKeys, readBlob } from '../blobs/blob-store.ts';
import { limited } from '../blobs/limited.ts';
import type { Clock } from '../clock.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { updatePhase } from '../store/phases.ts';
import { touchRun } from '../store/runs.ts';

/*
 * What a plan leaves for its apply and for readers: the artefact, which only workers open, the plan as JSON, and the
 * schemas that the plan is drawn with, where somebody will draw it.
 */

/** The working folder with its modules and, where no cache serves, providers; the AWS provider alone has 700 MB. */
export const maxPlanArtifactBytes = 2 * 1024 * 1024 * 1024;
export const maxPlanJsonBytes = 64 * 1024 * 1024;

/**
 * Stores the artefact that a worker has sealed for the run. It lies in a store of its own that does not seal again: api
 * neither can nor need open it.
 */
export async function storePlanArtifact(
  { planArtifacts }: { planArtifacts: BlobStore },
  { runId, body }: { runId: string; body: AsyncIterable<Uint8Array> },
): Promise<void> {
  await planArtifacts.put(blobKeys.planArtifact(runId), limited(body, maxPlanArtifactBytes, 'A plan artefact'));
}

/** Throws `not_found` when the plan left none. */
export async function openPlanArtifact(
  { planArtifacts }: { planArtifacts: BlobStore },
  runId: string,
): Promise<Readable> {
  const artifact = await planArtifacts.get(blobKeys.planArtifact(runId));
  if (artifact === undefined) throw new GatehouseError('not_found', `Run ${runId} has no plan artefact.`);
  return artifact;
}

/** What every `terraform show -json` of a plan has. */
const planJsonSchema = z.looseObject({ format_version: z.string(), terraform_version: z.string() });

/** Stores the plan's JSON, sealed, since it holds the values of sensitive variables. Throws `invalid_request`. */
export async function storePlanJson(
  { database, blobs, clock }: { database: Database; blobs: BlobStore; clock: Clock },
  { runId, bytes }: { runId: string; bytes: Uint8Array },
): Promise<void> {
  if (!isJsonOf(planJsonSchema, bytes)) {
    throw new GatehouseError('invalid_request', `What was sent as the plan of run ${runId} is not a plan in JSON.`);
  }
  await blobs.put(blobKeys.planJson(runId), bytes);
  inTransaction(database, (transaction) => {
    updatePhase(transaction, runId, 'plan', { hasPlanJson: true });
    touchRun(transaction, runId, clock.now(), {}, ['plan']);
  });
}

/** Stores the schemas that the plan is drawn with. Throws `invalid_request`. */
export async function storeProviderSchemas(
  { blobs }: { blobs: BlobStore },
  { runId, bytes }: { runId: string; bytes: Uint8Array },
): Promise<void> {
  if (!isJsonOf(providerSchemas, bytes)) {
    throw new GatehouseError('invalid_request', `What was sent as the schemas of run ${runId} are no schemas in JSON.`);
  }
  await blobs.put(blobKeys.providerSchemas(runId), bytes);
}

/** Undefined when nobody wanted them. */
export async function readProviderSchemas(
  { blobs }: { blobs: BlobStore },
  runId: string,
): Promise<ProviderSchemas | undefined> {
  const bytes = await readBlob(blobs, blobKeys.providerSchemas(runId));
  return bytes === undefined ? undefined : providerSchemas.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

function isJsonOf(schema: z.ZodType, bytes: Uint8Array): boolean {
  try {
    return schema.safeParse(parseForeignJson(bytes)).success;
  } catch {
    // Not JSON, or not UTF-8. The parser's message would repeat a piece of the plan.
    return false;
  }
}

/** The plan as `terraform show -json` wrote it; undefined when the plan left none. */
export async function readPlanJson({ blobs }: { blobs: BlobStore }, runId: string): Promise<Uint8Array | undefined> {
  return readBlob(blobs, blobKeys.planJson(runId));
}
