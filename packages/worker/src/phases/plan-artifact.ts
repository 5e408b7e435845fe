import path from 'node:path';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { z } from 'zod';
import { plannedChange } from './planned-changes.ts';

/** As in a filesystem mirror: host/namespace/type/version/platform. */
const providerPath = z.string().regex(/^[\w.-]+(\/(?!\.)[\w.+-]+){4}$/);

/**
 * What the plan leaves for the apply, sealed as one: a line of JSON, the plan file, then the working tree as tar.gz. It
 * holds the values of sensitive variables in clear, inside the plan file among others, and so never leaves the worker
 * unsealed.
 */
const head = z.strictObject({
  format: z.literal(2),
  /** As `versionName` has it. The apply takes the version that planned, also where the workspace says `latest`. */
  terraformVersion: z.string(),
  /** The working directory below the tree's root; `''` for the root itself. */
  directory: z.string().refine(isBelowRoot),
  /** The providers, when all of them were links into the mirror; null when the apply has to look for them itself. */
  mirrored: z.array(providerPath).nullable(),
  counts: z.strictObject({
    resourceAdditions: z.int(),
    resourceChanges: z.int(),
    resourceDestructions: z.int(),
    resourceImports: z.int(),
  }),
  /** What `resource_changes` of the plan name; absent where an older worker planned. */
  changes: z.array(plannedChange).optional(),
  planBytes: z.int().nonnegative(),
});
export type PlanArtifact = Omit<z.infer<typeof head>, 'format' | 'planBytes'> & {
  planFile: Uint8Array;
  tree: Uint8Array;
};

const newline = 0x0a;

export function packPlan({ planFile, tree, ...rest }: PlanArtifact): Uint8Array {
  const line = JSON.stringify({ format: 2, ...rest, planBytes: planFile.length });
  return Buffer.concat([Buffer.from(`${line}\n`), planFile, tree]);
}

/** Throws `internal` when the bytes are of another format, as after an upgrade between plan and apply. */
export function unpackPlan(bytes: Uint8Array): PlanArtifact {
  const end = bytes.indexOf(newline);
  const parsed = head.safeParse(parseJson(bytes.subarray(0, Math.max(0, end))));
  if (!parsed.success)
    throw new GatehouseError('internal', 'The saved plan has a format that this worker does not know. Plan again.');
  const { format: _format, planBytes, ...rest } = parsed.data;
  const treeStart = end + 1 + planBytes;
  if (treeStart > bytes.length) throw new GatehouseError('internal', 'The saved plan is cut off. Plan again.');
  return { ...rest, planFile: bytes.subarray(end + 1, treeStart), tree: bytes.subarray(treeStart) };
}

function isBelowRoot(directory: string): boolean {
  if (directory === '') return true;
  return path.posix.normalize(directory) === directory && !/^(\/|\.\.?(\/|$))|\n/.test(directory);
}

export function isProviderPath(text: string): boolean {
  return providerPath.safeParse(text).success;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
