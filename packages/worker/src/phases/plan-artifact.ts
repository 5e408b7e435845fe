import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { z } from 'zod';

/**
 * What the plan leaves for the apply, sealed as one: a line of JSON, then the working tree as tar.gz. It holds the values
 * of sensitive variables in clear, inside the plan file among others, and so never leaves the worker unsealed.
 */
const head = z.strictObject({
  format: z.literal(1),
  /** The apply takes the version that planned, also where the workspace says `latest`. */
  terraformVersion: z.string(),
  planSha256: z.string(),
  counts: z.strictObject({
    resourceAdditions: z.int(),
    resourceChanges: z.int(),
    resourceDestructions: z.int(),
    resourceImports: z.int(),
  }),
});
export type PlanArtifact = Omit<z.infer<typeof head>, 'format'> & { tree: Uint8Array };

const newline = 0x0a;

export function packPlan({ tree, ...rest }: PlanArtifact): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ format: 1, ...rest })}\n`), tree]);
}

/** Throws `internal` when the bytes are of another format, as after an upgrade between plan and apply. */
export function unpackPlan(bytes: Uint8Array): PlanArtifact {
  const end = bytes.indexOf(newline);
  const parsed = head.safeParse(parseJson(bytes.subarray(0, Math.max(0, end))));
  if (!parsed.success)
    throw new GatehouseError('internal', 'The saved plan has a format that this worker does not know. Plan again.');
  const { format: _format, ...rest } = parsed.data;
  return { ...rest, tree: bytes.subarray(end + 1) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
