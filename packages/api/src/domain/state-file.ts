import { parseForeignJson, TooManyParts } from '@gatehouse/shared/foreign-json';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { z } from 'zod';

/** A state of real infrastructure has some MiB; beyond this it is no state, or one that should be split. */
export const maxStateBytes = 64 * 1024 * 1024;

/** What Gatehouse reads of terraform's state file (version 4, terraform 0.12 and later). The rest passes through untouched. */
const stateFileSchema = z.looseObject({
  version: z.literal(4),
  terraform_version: z.string().max(100),
  serial: z.int().nonnegative(),
  /** Empty where terraform could not even read the first state that it wrote over. */
  lineage: z.string().max(200),
  outputs: z.record(
    z.string(),
    z.looseObject({ value: z.unknown(), type: z.unknown(), sensitive: z.boolean().default(false) }),
  ),
  resources: z.array(
    z.looseObject({
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      /** Absent in the root module. */
      module: z.string().default(''),
      provider: z.string().default(''),
      instances: z.array(z.unknown()),
    }),
  ),
});

export type StateFile = z.infer<typeof stateFileSchema>;

/** Throws `state_invalid`, which names the field but never a value: states hold secrets. */
export function parseStateFile(bytes: Uint8Array): StateFile {
  if (bytes.length > maxStateBytes) throw refuse(`It has more than ${maxStateBytes / 1024 / 1024} MiB.`);
  let json: unknown;
  try {
    json = parseForeignJson(bytes);
  } catch (error) {
    if (error instanceof TooManyParts)
      throw refuse(`${error.message} Split what it describes over several workspaces.`);
    // The parser's message repeats a piece of the state: it is left out on purpose.
    throw refuse('It is not JSON that can be read whole.');
  }
  const parsed = stateFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(`Its field "${issue?.path.join('.') ?? ''}" is not what terraform writes in a state of version 4.`);
}

/** Managed resource instances, as `terraform state list` counts them. */
export function countResources(state: StateFile): number {
  return state.resources
    .filter((resource) => resource.mode === 'managed')
    .reduce((sum, resource) => sum + resource.instances.length, 0);
}

/** The short word of an output's type that the TFE API shows beside the detailed one. */
export function outputTypeName(detailedType: unknown): string {
  const name: unknown = Array.isArray(detailedType) ? detailedType[0] : detailedType;
  if (name === 'list' || name === 'set' || name === 'tuple') return 'array';
  if (name === 'map' || name === 'object') return 'object';
  return typeof name === 'string' ? name : 'string';
}

function refuse(why: string): GatehouseError {
  return new GatehouseError('state_invalid', `The state was refused. ${why}`);
}
