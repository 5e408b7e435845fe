import { setTimeout as sleep } from 'node:timers/promises';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { appendLogMarks, type LogMark, type SectionName } from '@gatehouse/shared/log-sections';
import { appendChunks, appendLog, chunksOf, logEndOffset, maxChunkBytes, readLog } from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';
import type { Secret } from '@gatehouse/shared/secret';
import { EscapedControls } from './escaped-controls.ts';
import { oneLine } from './own-line.ts';
import { RememberedBytes } from './remembered-bytes.ts';
import { MaskStream, SecretMask } from './secret-mask.ts';
import { SizeCap } from './size-cap.ts';
import { StorePace } from './store-pace.ts';
import { TerminalFilter } from './terminal-filter.ts';
import { wholeCharacters } from './whole-characters.ts';

/** The log of one phase as the worker continues it: filtered, masked, capped, then stored. */
export type LogWriter = {
  /** Output of the run. Resolves when there is room for more: whoever produces it waits. */
  write(output: Uint8Array): Promise<void>;
  /** A line of Gatehouse's own, on a line of its own: "Gatehouse: …". */
  say(sentence: string): void;
  /** A line of the api's, as it is. */
  relay(line: string): void;
  /** What is written from now on belongs to this section, which is told beside the log. */
  section(name: SectionName): void;
  /** From now on this value is masked in everything that is written. */
  mask(secret: Secret): void;
  /** The text without what is masked, for what is told elsewhere than in the log. */
  masked(text: string): string;
  /** Resolves when all is stored, or after `patienceMs` without Redis (default 10 min); true when all is. */
  close(patienceMs?: number): Promise<boolean>;
};

export type LogWriterOptions = {
  redis: Redis;
  key: string;
  limitBytes: number;
  /** The run writes JSON lines. Default false. */
  isStructured?: boolean;
  /** The log was continued by somebody else: the phase was given up, and nothing more of it is stored. */
  onGivenUp: () => void;
  /** Redis does not answer; the bytes are kept and sent when it does. Called once for each outage. */
  onTrouble?: (error: unknown) => void;
};

/** Stored in one step: a run that has much to say does not wait for Redis at each chunk, nor Redis long for it. */
const maxChunksAtOnce = 8;
/** Output that is not stored yet; above it terraform's output is paused. */
const maxUnstoredBytes = 4 * 1024 * 1024;
/** Stored output that is remembered: a Redis that comes back without its last bytes, or without any, gets them again. */
const maxRememberedBytes = 4 * 1024 * 1024;
const retryDelayMs = 250;
const closePatienceMs = 10 * 60_000;
const newline = 0x0a;
const lineEnd = Uint8Array.of(newline);

/** Continues the stream at its end, where the api's lines left it. */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const { redis, key } = options;
  const startOffset = await logEndOffset(redis, key);
  const stored = new RememberedBytes(maxRememberedBytes);
  // The api's lines, a few hundred bytes: with them the whole log can be restored.
  const before = startOffset > maxChunkBytes ? undefined : await readLog(redis, key, 0);
  if (before !== undefined) stored.add(before.startOffset, before.bytes.subarray(0, startOffset - before.startOffset));
  return createLogWriter(options, startOffset, stored);
}

function createLogWriter(options: LogWriterOptions, startOffset: number, stored: RememberedBytes): LogWriter {
  const { redis, key } = options;
  const secrets = new SecretMask();
  const filter = new TerminalFilter();
  const escaped = options.isStructured ? new EscapedControls() : undefined;
  const masked = new MaskStream(secrets);
  const cap = new SizeCap(options.limitBytes);

  let offset = startOffset;
  /** Where the next byte will stand, stored or not. */
  let writtenOffset = startOffset;
  let marks: LogMark[] = [];
  let storedMarks: LogMark[] = [];
  let pending: Uint8Array[] = [];
  let unstoredBytes = 0;
  let atLineStart = true;
  /** Since the last look at what is pending. */
  let hasMore = false;
  const pace = new StorePace();
  let givenUp = false;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> | undefined;
  let waiting: (() => void)[] = [];

  function enqueue(bytes: Uint8Array): void {
    if (bytes.length === 0 || givenUp) return;
    atLineStart = bytes.at(-1) === newline;
    pending.push(bytes);
    unstoredBytes += bytes.length;
    writtenOffset += bytes.length;
    flushInTime();
  }

  function flushInTime(): void {
    hasMore = true;
    if (storing !== undefined) return;
    const waitMs = unstoredBytes >= maxChunkBytes ? 0 : pace.waitMs();
    if (waitMs <= 0) flush();
    else timer ??= setTimeout(flush, waitMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (storing !== undefined) return;
    pace.store();
    // What is written in one go is stored together.
    storing = Promise.resolve()
      .then(storePending)
      .finally(() => {
        storing = undefined;
        if (hasMore && !givenUp) flushInTime();
      });
  }

  /** All that there is, but for the beginning of a character. */
  async function storePending(): Promise<void> {
    hasMore = false;
    const [first] = pending;
    const bytes = pending.length === 1 && first !== undefined ? first : Buffer.concat(pending);
    const end = closing ? bytes.length : wholeCharacters(bytes);
    pending = end < bytes.length ? [bytes.subarray(end)] : [];
    const chunks = [...chunksOf(bytes.subarray(0, end))];
    for (let at = 0; at < chunks.length && !givenUp; at += maxChunksAtOnce) {
      await store(chunks.slice(at, at + maxChunksAtOnce));
    }
    await storeMarks();
  }

  /** Only those of bytes that are stored: what comes behind them could be another's. They are no reason to wait. */
  async function storeMarks(): Promise<void> {
    const isStored = (mark: LogMark) => (mark.kind === 'own' ? mark.end : mark.offset) <= offset;
    const ready = marks.filter(isStored);
    if (ready.length === 0 || givenUp) return;
    marks = marks.filter((mark) => !isStored(mark));
    try {
      await appendLogMarks(redis, key, ready);
      storedMarks.push(...ready);
    } catch {
      marks = [...ready, ...marks];
    }
  }

  /** The very same bytes at the very same offset until they are in: a repetition that did arrive is recognised. */
  async function store(chunks: readonly Uint8Array[]): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        const { isGap = false, endOffset } = await appendChunks(redis, key, chunks, {
          startOffset: offset,
          refusesGap: true,
        });
        if (isGap) await restore(endOffset, chunks);
        break;
      } catch (error) {
        if (isGatehouseError(error, 'conflict')) return giveUp();
        if (failures === 0) options.onTrouble?.(error);
        await sleep(retryDelayMs);
        if (givenUp) return;
      }
    }
    for (const chunk of chunks) {
      stored.add(offset, chunk);
      offset += chunk.length;
      unstoredBytes -= chunk.length;
    }
    if (unstoredBytes <= maxUnstoredBytes) release();
  }

  /** Redis lost what stood from `from` on. What is remembered of it comes first, for readers see no later byte before it. */
  async function restore(from: number, chunks: readonly Uint8Array[]): Promise<void> {
    for (const { start, bytes } of stored.from(from)) await appendLog(redis, key, bytes, { startOffset: start });
    await appendChunks(redis, key, chunks, { startOffset: offset });
    marks = [...storedMarks, ...marks];
    storedMarks = [];
  }

  function release(): void {
    const released = waiting;
    waiting = [];
    for (const resume of released) resume();
  }

  /** Nobody may wait for a log that nobody stores. */
  function giveUp(tell = true): void {
    givenUp = true;
    pending = [];
    unstoredBytes = 0;
    release();
    if (tell) options.onGivenUp();
  }

  function emit(bytes: Uint8Array): void {
    const cut = cap.take(bytes);
    enqueue(cut.bytes);
    if (cut.announcement !== undefined) ownLine(cut.announcement);
  }

  function ownLine(text: string): void {
    if (!atLineStart) enqueue(lineEnd);
    const start = writtenOffset;
    enqueue(secrets.whole(Buffer.from(`${oneLine(text)}\n`)));
    if (writtenOffset > start) marks.push({ kind: 'own', start, end: writtenOffset });
  }

  return {
    async write(output) {
      // What nobody will read is not worked on: it would keep the worker from its other runs.
      if (cap.isCut) return;
      const visible = filter.push(output);
      emit(masked.push(escaped?.push(visible) ?? visible));
      if (unstoredBytes > maxUnstoredBytes) await new Promise<void>((resume) => waiting.push(resume));
    },
    // What the mask holds back stays behind this line: letting it go could show half of a secret.
    say: (sentence) => ownLine(`Gatehouse: ${sentence}`),
    relay: ownLine,
    section(name) {
      marks.push({ kind: 'section', name, offset: writtenOffset, atMs: Date.now() });
      flushInTime();
    },
    mask: (secret) => secrets.add(secret),
    masked: (text) => Buffer.from(secrets.whole(Buffer.from(text))).toString(),
    async close(patienceMs = closePatienceMs) {
      if (escaped !== undefined) emit(masked.push(escaped.end()));
      emit(masked.end());
      closing = true;
      const deadline = AbortSignal.timeout(patienceMs);
      const expired = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()));
      while (!givenUp && unstoredBytes > 0 && !deadline.aborted) {
        flush();
        await Promise.race([storing, expired]);
      }
      await storeMarks();
      const complete = !givenUp && unstoredBytes === 0;
      if (!complete && !givenUp) giveUp(false);
      return complete;
    },
  };
}
