import { create } from 'tar';

/** A folder of terraform files as the tar.gz that a configuration version takes; the same bytes for the same files. */
export async function packConfiguration(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  // `mtime` and `portable` leave out what differs from one checkout to the next.
  for await (const chunk of create({ gzip: true, portable: true, mtime: new Date(0), cwd: folder }, ['.'])) {
    chunks.push(Buffer.from(chunk));
  }
  return new Uint8Array(Buffer.concat(chunks));
}
