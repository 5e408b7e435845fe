import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A disk of its own that can be filled without harm to anybody else. */
export type SmallDisk = {
  folder: string;
  /** Takes all room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
};

const run = promisify(execFile);

/** Only root mounts: whoever asks looks first. */
export const mayMount = process.getuid?.() === 0;

export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'gatehouse-test', folder]);
  const filler = path.join(folder, 'filler');
  return {
    folder,
    async fill() {
      const file = await open(filler, 'a');
      try {
        // Down to the last page: one that is written is at least as large.
        for (const size of [1024 * 1024, 4096]) await writeUntilFull(file.write.bind(file), randomBytes(size));
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    async unmount() {
      await run('umount', ['--lazy', folder]);
      await rmdir(folder);
    },
  };
}

async function writeUntilFull(write: (bytes: Buffer) => Promise<unknown>, bytes: Buffer): Promise<void> {
  for (;;) {
    try {
      await write(bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}
