import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What we ask of a bill (CycloneDX 1.6): each component with its name, version and address. */
const sbomSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  components: z.array(
    z.looseObject({
      group: z.string().optional(),
      name: z.string(),
      version: z.string(),
      purl: z.string().startsWith('pkg:npm/'),
      licenses: z.array(z.unknown()).default([]),
      externalReferences: z.array(z.looseObject({ hashes: z.array(z.unknown()).default([]) })).default([]),
    }),
  ),
});

export type Sbom = z.output<typeof sbomSchema>;

/**
 * Throws when the file is no such bill, when one of the `known` packages is not in it, or when one of others' has no
 * license or no checksum.
 */
export async function readSbom(file: string, known: readonly string[]): Promise<Sbom> {
  const sbom = sbomSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const outside = sbom.components.filter(({ group }) => group !== '@gatehouse');
  const names = new Set(outside.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`)));
  const missing = known.filter((name) => !names.has(name));
  if (missing.length > 0) throw new Error(`The bill lacks ${missing.join(', ')}.`);
  const bare = outside.filter(
    ({ licenses, externalReferences }) =>
      licenses.length === 0 || !externalReferences.some(({ hashes }) => hashes.length > 0),
  );
  if (bare.length > 0) throw new Error(`Without license or checksum: ${bare.map(({ purl }) => purl).join(', ')}.`);
  return sbom;
}
