import type { Phase } from '@gatehouse/shared/run-status';
import * as z from 'zod/mini';
import { instant } from '../../api-client/json-api.ts';
import type { ByteRange, LogSection } from '../log/log-sections.ts';

const indexDocument = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      'start-offset': z.int(),
      'end-offset': z.nullable(z.int()),
      'started-at': z.nullable(instant),
      'ended-at': z.nullable(instant),
    }),
  ),
  meta: z.object({ 'gatehouse-ranges': z.array(z.tuple([z.int(), z.int()])), ended: z.boolean() }),
});

/** Where the sections of a log begin and end, and which bytes Gatehouse wrote itself; beside the log, not in it. */
export type LogIndex = {
  sections: readonly {
    name: string;
    start: number;
    end: number | undefined;
    durationMs: number | undefined;
  }[];
  gatehouse: readonly ByteRange[];
  isEnded: boolean;
};

/** Undefined when it cannot be read: the log is shown without folds then. */
export function readLogIndex(document: unknown): LogIndex | undefined {
  const parsed = indexDocument.safeParse(document).data;
  if (parsed === undefined) return undefined;
  return {
    sections: parsed.data.map((section) => ({
      name: section.name,
      start: section['start-offset'],
      end: section['end-offset'] ?? undefined,
      durationMs:
        section['started-at'] === null || section['ended-at'] === null
          ? undefined
          : section['ended-at'] - section['started-at'],
    })),
    gatehouse: parsed.meta['gatehouse-ranges'].map(([start, end]) => ({ start, end })),
    isEnded: parsed.meta.ended,
  };
}

/** `toLocal`: from an offset of the stream to one of the bytes that were received, which lack the framing and the gaps. */
export function sectionsOf(
  index: LogIndex,
  toLocal: (offset: number) => number,
  { phase, hasFailed, isEnded }: { phase: Phase; hasFailed: boolean; isEnded: boolean },
): LogSection[] {
  const blamed = hasFailed ? index.sections.findLast(({ name }) => name === 'init' || name === phase) : undefined;
  return index.sections.map((section, position) => ({
    id: `${position}-${section.name}`,
    title: section.name,
    startByte: toLocal(section.start),
    ...(section.end === undefined ? {} : { endByte: toLocal(section.end) }),
    state:
      section === blamed ? 'failed' : section.end === undefined && !index.isEnded && !isEnded ? 'running' : 'finished',
    ...(section.durationMs === undefined ? {} : { durationMs: section.durationMs }),
    byGatehouse: index.gatehouse.some(
      (range) => range.start <= section.start && (section.end ?? Infinity) <= range.end,
    ),
    // A run's own summary, and what asks for a code, is short and worth reading.
    ...(section.name === 'init' ? {} : { isOpen: true }),
  }));
}
