import type { Redis } from 'ioredis';
import { GatehouseError, isGatehouseError } from './gatehouse-error.ts';
import type { Phase } from './run-status.ts';

/**
 * The log of a phase as one byte stream: a Redis stream whose entry ids are `<endByteOffset>-0`. Any byte offset finds
 * its entry, a chunk that is sent again after a broken connection is recognised, and a reader that joins late, or
 * stalls, loses nothing. A message on the channel of the same name says that there is more, and brings what is short.
 */
export function logKey(runId: string, phase: Phase): string {
  return `log:${runId}:${phase}`;
}

/** First and last byte of a whole log, as HashiCorp's log readers expect (go-tfe logreader.go). */
export const startOfLog = Uint8Array.of(0x02);
export const endOfLog = Uint8Array.of(0x03);

/** A chunk is at most this long, so that a reader's slice and Redis's buffers stay small. */
export const maxChunkBytes = 32 * 1024;

/** A line or a few: whoever follows a log has them without asking. */
const maxHintBytes = 4 * 1024;

/** The name (`once`) under which the last byte is appended: nothing is appended after it, and readers know by it. */
export const endOfLogOnce = 'end-of-log';

export function onceKey(logKey: string): string {
  return `${logKey}:once`;
}

export type AppendResult = {
  endOffset: number;
  wasThereAlready: boolean;
  /** Only with `refusesGap`: nothing was appended, because the bytes from `endOffset` on are gone. */
  isGap?: boolean;
};

/**
 * Atomic: the stream's end is read and continued in one step. Chunks that start elsewhere than at the end are there
 * already, byte for byte, or refused, which fences off a worker that was given up for lost while it was only asleep. A start beyond the
 * end is that of bytes which Redis lost, all or the last ones: it is taken, and readers see the gap, or told.
 * What is begun so in an empty stream goes in a week by itself, longer than any phase takes: with the data the mark of the log's
 * end was lost, so that it may be the last words of a worker whose log is archived.
 */
const appendScript = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local tail = 0
if last[1] then tail = tonumber(string.match(last[1][1], '^(%d+)')) end
local once = ARGV[2]
if once ~= '' and redis.call('HEXISTS', KEYS[2], once) == 1 then return {tail, 1} end
local start = tail
if ARGV[1] ~= '' then start = tonumber(ARGV[1]) end
local next = 4
while last[1] and next <= #ARGV and start < tail do
  local stop = start + string.len(ARGV[next])
  local id = string.format('%.0f-0', stop)
  local same = redis.call('XRANGE', KEYS[1], id, id)
  if not same[1] or same[1][2][2] ~= ARGV[next] then return {tail, -1} end
  start = stop
  next = next + 1
end
if next > #ARGV then return {start, 1} end
if redis.call('HEXISTS', KEYS[2], 'end-of-log') == 1 then
  if ARGV[1] == '' then return {tail, 1} end
  return {tail, -1}
end
if start > tail and ARGV[3] == '1' then return {tail, -2} end
if once ~= '' then
  redis.call('HSET', KEYS[2], once, '1')
  redis.call('EXPIRE', KEYS[2], 604800)
end
local begun = start
local fresh = {}
for each = next, #ARGV do
  start = start + string.len(ARGV[each])
  redis.call('XADD', KEYS[1], string.format('%.0f-0', start), 'd', ARGV[each])
  fresh[#fresh + 1] = ARGV[each]
end
if not last[1] and begun > 0 then redis.call('EXPIRE', KEYS[1], 604800) end
local hint = string.format('%.0f:', begun)
if start - begun <= ${maxHintBytes} then hint = hint .. table.concat(fresh) end
redis.call('PUBLISH', KEYS[1], hint)
return {start, 0}
`;

/** What a message on a log's channel brings: bytes that were just appended; none where they are many, or end the log. */
export type FreshBytes = { startOffset: number; bytes: Uint8Array };

/** Undefined: there is more, which is to be read. The message is `<start offset>:<bytes>`. */
export function freshBytes(message: Buffer): FreshBytes | undefined {
  const colon = message.indexOf(':');
  const bytes = message.subarray(colon + 1);
  // The log's last byte is told by whoever knows that it ended.
  if (colon < 1 || bytes.length === 0 || bytes.at(-1) === endOfLog[0]) return undefined;
  return { startOffset: Number(message.toString('latin1', 0, colon)), bytes };
}

/** `startOffset` undefined: at the end, wherever it is. */
export type AppendOptions = {
  startOffset?: number;
  /** A name under which this append is done at most once, however often it is called. */
  once?: string;
  /** A log that ends before `startOffset`, because Redis lost what stood between, is told instead of continued. */
  refusesGap?: boolean;
};

/** Appends one chunk. Throws `conflict` when the log has moved on from `startOffset`. */
export async function appendLog(
  redis: Redis,
  key: string,
  chunk: Uint8Array,
  options: AppendOptions = {},
): Promise<AppendResult> {
  return appendChunks(redis, key, [chunk], options);
}

/** Appends chunks that follow one another, all of them or none, for the price of one way to Redis and back. */
export async function appendChunks(
  redis: Redis,
  key: string,
  chunks: readonly Uint8Array[],
  options: AppendOptions = {},
): Promise<AppendResult> {
  const answer = await redis.eval(
    appendScript,
    2,
    key,
    onceKey(key),
    options.startOffset === undefined ? '' : String(options.startOffset),
    options.once ?? '',
    options.refusesGap === true ? '1' : '',
    ...chunks.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
  );
  // The script above returns two integers; eval is typed unknown.
  const [endOffset, verdict] = answer as [number, number];
  if (verdict === -1) {
    throw new GatehouseError('conflict', `The log ${key} ends at byte ${endOffset}, not at ${options.startOffset}.`);
  }
  if (verdict === -2) return { endOffset, wasThereAlready: false, isGap: true };
  return { endOffset, wasThereAlready: verdict === 1 };
}

export async function logEndOffset(redis: Redis, key: string): Promise<number> {
  const [last] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
  return last === undefined ? 0 : endOf(last[0]);
}

/**
 * Where a worker goes on: behind the lines of the api; where Redis has lost those, behind the first byte, which it then
 * writes itself, since clients look for it.
 */
export async function continueLog(redis: Redis, key: string): Promise<number> {
  const end = await logEndOffset(redis, key);
  if (end > 0) return end;
  try {
    return (await appendLog(redis, key, startOfLog, { startOffset: 0 })).endOffset;
  } catch (error) {
    if (!isGatehouseError(error, 'conflict')) throw error;
    return logEndOffset(redis, key);
  }
}

export type LogSlice = {
  bytes: Uint8Array;
  /** Where `bytes` begins; beyond the asked offset when something before it is gone. */
  startOffset: number;
};

/** The bytes from `offset` on, at most about `limitBytes`; undefined when there are none yet. */
export async function readLog(
  redis: Redis,
  key: string,
  offset: number,
  limitBytes: number = 1024 * 1024,
): Promise<LogSlice | undefined> {
  // Entries are named for their end: the first one with an end beyond the offset holds it. No more of them than a reader
  // takes who goes from one to the next: Redis would send what is left over again.
  const count = Math.max(1, Math.ceil(limitBytes / maxChunkBytes));
  const entries = await redis.xrangeBuffer(key, `(${offset}-0`, '+', 'COUNT', count);
  const slices: Uint8Array[] = [];
  let startOffset: number | undefined;
  let cursor = offset;
  let length = 0;
  for (const [id, fields] of entries) {
    const data = fields[1];
    if (data === undefined) continue;
    const end = endOf(id.toString());
    const start = end - data.length;
    if (startOffset === undefined) {
      startOffset = Math.max(start, offset);
      cursor = startOffset;
    } else if (start > cursor) {
      break; // A gap: the next read begins there and says so.
    }
    const fresh = data.subarray(Math.max(0, cursor - start));
    slices.push(fresh);
    length += fresh.length;
    cursor = end;
    if (length >= limitBytes) break;
  }
  if (startOffset === undefined || length === 0) return undefined;
  const bytes = Buffer.concat(slices, length);
  return { bytes: bytes.subarray(0, Math.min(length, limitBytes)), startOffset };
}

function endOf(entryId: string): number {
  return Number(entryId.slice(0, entryId.indexOf('-')));
}

/** Cuts text into chunks of at most `maxChunkBytes` on UTF-8 boundaries, so that no chunk ends inside a character. */
export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    let end = Math.min(start + maxChunkBytes, bytes.length);
    if (end < bytes.length) end = characterBoundary(bytes, end, start);
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** The last boundary at or before `end`; binary output without one is cut anywhere. */
function characterBoundary(bytes: Uint8Array, end: number, start: number): number {
  for (let candidate = end; candidate > Math.max(start, end - 4); candidate--) {
    const byte = bytes[candidate] ?? 0;
    if ((byte & 0xc0) !== 0x80) return candidate;
  }
  return end;
}
