import type { Redis } from 'ioredis';
import { z } from 'zod';

/**
 * What a log's bytes are, told beside them: where its sections begin, and which bytes Gatehouse itself wrote. In a list
 * of its own, so that clients that print the log see no markers and nothing that terraform prints can pass for one.
 */
export const sectionNames = ['gatehouse', 'init', 'plan', 'apply', 'summary'] as const;
export type SectionName = (typeof sectionNames)[number];

const mark = z.discriminatedUnion('kind', [
  /** A section begins at this byte, at this instant (ms since 1970). */
  z.strictObject({ kind: z.literal('section'), name: z.enum(sectionNames), offset: z.int(), atMs: z.int() }),
  /** Bytes from `start` up to `end` are Gatehouse's own. */
  z.strictObject({ kind: z.literal('own'), start: z.int(), end: z.int() }),
]);
export type LogMark = z.infer<typeof mark>;

export const logIndex = z.object({
  sections: z.array(z.object({ name: z.enum(sectionNames), startOffset: z.int(), startedAtMs: z.int() })),
  /** Ascending, and none touches the next. */
  ownRanges: z.array(z.tuple([z.int(), z.int()])),
});
export type LogIndex = z.infer<typeof logIndex>;

export const emptyLogIndex: LogIndex = { sections: [], ownRanges: [] };

/** A run that makes Gatehouse speak without end keeps its log, but later lines of ours bear no mark. */
const maxMarks = 20_000;
/** As long as the end of a log is remembered: an archived one has its index in the archive. */
const keptSeconds = 604_800;

export function logMarksKey(logKey: string): string {
  return `${logKey}:marks`;
}

/** Call it when the bytes are stored: a mark never speaks of bytes that may become somebody else's. Twice does no harm. */
export async function appendLogMarks(redis: Redis, logKey: string, marks: readonly LogMark[]): Promise<void> {
  if (marks.length === 0) return;
  const key = logMarksKey(logKey);
  // One way to Redis and back: one connection keeps the order.
  await Promise.all([redis.rpush(key, ...marks.map((each) => JSON.stringify(each))), redis.expire(key, keptSeconds)]);
}

export async function countLogMarks(redis: Redis, logKey: string): Promise<number> {
  return redis.llen(logMarksKey(logKey));
}

export async function readLogIndex(redis: Redis, logKey: string): Promise<LogIndex> {
  const texts = await redis.lrange(logMarksKey(logKey), 0, maxMarks - 1);
  // Redis is not trusted: what is not of our form is passed over.
  return indexOf(texts.flatMap((text) => mark.safeParse(jsonOf(text)).data ?? []));
}

/** The first mark of a section counts; ranges that touch are one. */
export function indexOf(marks: readonly LogMark[]): LogIndex {
  const sections: LogIndex['sections'] = [];
  const ranges: [number, number][] = [];
  for (const each of marks) {
    if (each.kind === 'own') ranges.push([each.start, each.end]);
    else if (!sections.some(({ name }) => name === each.name)) {
      sections.push({ name: each.name, startOffset: each.offset, startedAtMs: each.atMs });
    }
  }
  const ownRanges: [number, number][] = [];
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = ownRanges.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else ownRanges.push([start, end]);
  }
  return { sections: sections.toSorted((a, b) => a.startOffset - b.startOffset), ownRanges };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
