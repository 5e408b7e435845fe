import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isMissing, writePrivateFile } from './data-directory.ts';

/**
 * `<data dir>/dev.json`: how to reach the stack that runs on this folder, for scripts and tests. It holds secrets (of
 * an emulated account and a local stack), so it is mode 0600; it is there only while the stack runs.
 */
export const devFileSchema = z.strictObject({
  url: z.string(),
  organization: z.string(),
  workspace: z.string(),
  username: z.string(),
  password: z.string(),
  token: z.string(),
  stsUrl: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  mfaSerial: z.string(),
  /** base32, for an authenticator app. */
  mfaSecret: z.string(),
  /** `unix:///path` of the stack's own Redis. */
  redisUrl: z.string(),
  workerToken: z.string(),
  /** Of the launcher. */
  pid: z.int(),
});

export type DevFile = z.infer<typeof devFileSchema>;

const name = 'dev.json';

export async function writeDevFile(dataDirectory: string, dev: DevFile): Promise<void> {
  await writePrivateFile(path.join(dataDirectory, name), `${JSON.stringify(dev, undefined, 2)}\n`);
}

export async function removeDevFile(dataDirectory: string): Promise<void> {
  await rm(path.join(dataDirectory, name), { force: true });
}

/** Throws when no stack runs on this folder; a launcher that was killed leaves its file, so the process is asked too. */
export async function readDevFile(dataDirectory: string): Promise<DevFile> {
  const notRunning = `Gatehouse is not running on ${dataDirectory}. Start it with "npm start", or set GATEHOUSE_DATA_DIR.`;
  let text: string;
  try {
    text = await readFile(path.join(dataDirectory, name), 'utf8');
  } catch (cause) {
    throw isMissing(cause) ? new Error(notRunning, { cause }) : cause;
  }
  const dev = devFileSchema.parse(JSON.parse(text));
  if (!isRunning(dev.pid)) throw new Error(notRunning);
  return dev;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
