import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
/** OpenTofu answers under the same name. */
const versionAnswer = z.object({ terraform_version: z.string() });
/** The binary is asked for nothing but its version; without a checkpoint call it answers within 0.1 s. */
const timeoutMs = 10_000;

/** undefined: no program of ours, or one for another machine. */
export type AskVersion = (binary: string) => Promise<string | undefined>;

export const askVersion: AskVersion = async (binary) => {
  try {
    const { stdout } = await run(binary, ['version', '-json'], {
      env: { CHECKPOINT_DISABLE: '1' },
      cwd: '/',
      timeout: timeoutMs,
    });
    return versionAnswer.parse(JSON.parse(stdout)).terraform_version;
  } catch {
    return undefined;
  }
};

/**
 * Asks a binary until it has answered, and again when it was replaced: the question takes longer than all else that a phase does before
 * terraform starts.
 */
export function rememberingVersions(): AskVersion {
  const versions = new Map<string, Promise<string | undefined>>();
  return async (binary) => {
    const { mtimeMs, size } = await stat(binary);
    const key = `${binary} ${mtimeMs} ${size}`;
    const known = versions.get(key) ?? askVersion(binary);
    versions.set(key, known);
    const version = await known;
    // Too slow on a busy machine, perhaps: whoever asks next asks it anew.
    if (version === undefined && versions.get(key) === known) versions.delete(key);
    return version;
  };
}
