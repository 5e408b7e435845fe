import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

/** A new folder that only this process reads, dropped with all it holds when `work` is done or has failed. */
export async function withScratchFolder<Result>(
  root: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(path.join(root, 'scratch-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
