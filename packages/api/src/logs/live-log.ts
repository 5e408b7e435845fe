import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { appendLogMarks, logMarksKey } from '@gatehouse/shared/log-sections';
import {
  appendLog,
  endOfLog,
  endOfLogOnce,
  logEndOffset,
  logKey,
  onceKey,
  startOfLog,
} from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';

/** The lines that the api itself writes into a phase's log in Redis: before the worker begins, between, and at its end. */
export type LiveLog = { redis: Redis };
export type PhaseOfRun = { runId: string; phase: Phase };
export type PhaseLines = PhaseOfRun & {
  /** Without their line ends. */
  lines: readonly string[];
  /** The name under which these lines are written at most once, such as the outbox row that asks for them. */
  once: string;
};

/** The terraform CLI drops the first three lines of an apply's log, whatever they say (backend_apply.go:247). */
const droppedByTheCli = ['Gatehouse runner', 'on linux_amd64', 'Initializing...'];

/**
 * Writes the first byte, and for an apply the lines that the CLI drops, where there is nothing yet. Does nothing where
 * the log was opened, goes on after a loss, or is over.
 */
export async function openPhaseLog(live: LiveLog, { runId, phase }: PhaseOfRun): Promise<void> {
  const head = phase === 'apply' ? encodeLines(droppedByTheCli) : new Uint8Array();
  try {
    const key = logKey(runId, phase);
    const added = await appendLog(live.redis, key, Buffer.concat([startOfLog, head]), { startOffset: 0 });
    if (added.wasThereAlready) return;
    await appendLogMarks(live.redis, key, [
      { kind: 'section', name: 'gatehouse', offset: 0, atMs: Date.now() },
      { kind: 'own', start: 0, end: added.endOffset },
    ]);
  } catch (error) {
    if (!isGatehouseError(error, 'conflict')) throw error;
  }
}

/**
 * Appends lines behind whatever there is, and opens the log when that was not done, or when Redis lost it. Lines that
 * come after the log's end are dropped: a reader has gone by then.
 */
export async function appendPhaseLines(live: LiveLog, input: PhaseLines): Promise<void> {
  await openPhaseLog(live, input);
  await appendOwn(live, input, encodeLines(input.lines), input.once);
}

/** Appends the last lines and the last byte in one step, so that nothing can come between or after them. */
export async function endLiveLog(live: LiveLog, input: PhaseOfRun & { lines: readonly string[] }): Promise<void> {
  await openPhaseLog(live, input);
  const tail = Buffer.concat([encodeLines(input.lines), endOfLog]);
  await appendOwn(live, input, tail, endOfLogOnce);
}

/** Bytes of ours, which are marked as such beside the log. A crash in between leaves them unmarked, never others marked. */
async function appendOwn(live: LiveLog, { runId, phase }: PhaseOfRun, bytes: Uint8Array, once: string): Promise<void> {
  const key = logKey(runId, phase);
  const { endOffset, wasThereAlready } = await appendLog(live.redis, key, bytes, { once });
  if (wasThereAlready || bytes.length === 0) return;
  await appendLogMarks(live.redis, key, [{ kind: 'own', start: endOffset - bytes.length, end: endOffset }]);
}

/** Where the log ends, and whether it will grow no more. */
export async function liveLogEnd(
  live: LiveLog,
  { runId, phase }: PhaseOfRun,
): Promise<{ offset: number; ended: boolean }> {
  const key = logKey(runId, phase);
  // First whether it ended, then where: the other way round would miss what was written between.
  const ended = (await live.redis.hexists(onceKey(key), endOfLogOnce)) === 1;
  return { ended, offset: await logEndOffset(live.redis, key) };
}

/** Lets Redis drop the log in `seconds`. The mark of its end stays for days and keeps latecomers from beginning it anew. */
export async function expireLiveLog(live: LiveLog, { runId, phase }: PhaseOfRun, seconds: number): Promise<void> {
  await live.redis.expire(logKey(runId, phase), seconds);
  await live.redis.expire(logMarksKey(logKey(runId, phase)), seconds);
}

/** A line must not hold the bytes that mark a log's start and end, nor break in two. */
function encodeLines(lines: readonly string[]): Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are taken out.
  const clean = lines.map((line) => line.replace(/[\u0000-\u0008\u000a-\u001a]/g, ' '));
  return new TextEncoder().encode(clean.map((line) => `${line}\n`).join(''));
}
