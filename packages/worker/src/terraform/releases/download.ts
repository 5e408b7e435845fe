import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';

export type DownloadLimits = {
  /** Without a byte for this long, the first one included, it is given up. */
  idleMs: number;
  /** For one file as a whole. */
  totalMs: number;
};

/** A release has some 30 MB: half a minute of silence is no slow line, and ten minutes are 50 kB/s. */
export const defaultDownloadLimits: DownloadLimits = { idleMs: 30_000, totalMs: 10 * 60_000 };

/** As `downloadFile`, for what is small. */
export async function downloadBytes(url: string, maxBytes: number, limits: DownloadLimits): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of bodyOf(url, maxBytes, limits)) parts.push(part);
  return Buffer.concat(parts);
}

/** Into an open file; answers with what it has come to. Throws `not_found` for 404, `unavailable` for all else. */
export async function downloadFile(
  url: string,
  file: FileHandle,
  maxBytes: number,
  limits: DownloadLimits,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of bodyOf(url, maxBytes, limits)) {
    hash.update(part);
    await file.writeFile(part);
    bytes += part.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function* bodyOf(url: string, maxBytes: number, limits: DownloadLimits): AsyncGenerator<Uint8Array> {
  const abort = new AbortController();
  const giveUp = (why: string) => () => abort.abort(new GatehouseError('unavailable', `${url} ${why}`));
  const total = setTimeout(giveUp(`takes longer than ${seconds(limits.totalMs)}.`), limits.totalMs);
  const idle = setTimeout(giveUp(`was silent for ${seconds(limits.idleMs)}.`), limits.idleMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw badAnswer(url, response.status);
    let bytes = 0;
    for await (const part of response.body ?? []) {
      idle.refresh();
      bytes += part.length;
      if (bytes > maxBytes) throw new GatehouseError('unavailable', `${url} is larger than ${maxBytes} bytes.`);
      yield part;
    }
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    if (isGatehouseError(error)) throw error;
    throw new GatehouseError('unavailable', `${url} could not be fetched: ${networkWords(error)}.`, { cause: error });
  } finally {
    clearTimeout(total);
    clearTimeout(idle);
    // Where the reader stopped in the middle, the connection goes too.
    abort.abort();
  }
}

function badAnswer(url: string, status: number): GatehouseError {
  const code = status === 404 ? 'not_found' : 'unavailable';
  return new GatehouseError(code, `${url} answered with status ${status}.`);
}

/** undici hides what went wrong in the cause, at times as a list of one for each address. */
function networkWords(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    if (cause.message !== '') return cause.message;
  }
  return error instanceof Error ? error.message : String(error);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
