import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export type LockPatience = {
  /** A lock that its holder has not touched for this long is a dead process's. The holder does so three times as often. */
  staleMs: number;
  /** Between two looks at a lock of somebody else. */
  pollMs: number;
};

export const defaultLockPatience: LockPatience = { staleMs: 30_000, pollMs: 200 };

/**
 * Does `work` while no other process does, as far as a file can promise that: of a process that was stopped for longer
 * than `staleMs` the lock is taken away. What is done under it must therefore be right without it too; the lock only
 * saves doing it twice. `onWait` is called once when somebody else has it.
 */
export async function withLock<Result>(
  file: string,
  patience: LockPatience,
  onWait: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const token = randomUUID();
  let hasWaited = false;
  while (!(await take(file, token))) {
    if (!hasWaited) onWait();
    hasWaited = true;
    await breakWhenStale(file, patience.staleMs);
    await sleep(patience.pollMs);
  }
  const touch = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, patience.staleMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === token) await rm(file, { force: true });
  }
}

async function take(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** By a rename first: of two that find it stale, one gets it. */
async function breakWhenStale(file: string, staleMs: number): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < staleMs) return;
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => {});
  await rm(aside, { force: true });
}
