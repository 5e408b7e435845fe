import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** The first entry of an archive. Its form has a version, so that a later Gatehouse knows what it reads. */
export const manifestName = 'manifest.json';
export const databaseName = 'gatehouse.db';
export const blobsName = 'blobs';

export const manifestSchema = z.object({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  node: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Every file of `folder` but the manifest, in a fixed order, with its length and checksum. */
export async function checksums(folder: string): Promise<Manifest['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => name !== manifestName)
    .sort();
  const files: Manifest['files'] = [];
  for (const name of names) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(path.join(folder, name))) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    files.push({ path: name, bytes, sha256: hash.digest('hex') });
  }
  return files;
}
