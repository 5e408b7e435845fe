import type { Phase } from '@gatehouse/shared/run-status';
import type { EventSourceMessage } from 'eventsource-parser';
import * as z from 'zod/mini';
import type { Fetch } from './api.ts';
import { openResilientStream, type ResilientStream } from './resilient-stream.ts';
import type { StreamState } from './stream-state.ts';

export type FollowLogOptions = {
  runId: string;
  phase: Phase;
  /** Bytes that the page has already: the log is asked for from here on. */
  offset?: number;
  fetch: Fetch;
  /** In order, each byte once; `startOffset` is the first one's place in the whole log. */
  onBytes(bytes: Uint8Array, startOffset: number): void;
  /** The index of the log's sections, as it came; at the start and whenever it changes. */
  onSections?(document: unknown): void;
  /** The bytes of this range are lost for good. */
  onGap(from: number, to: number): void;
  onState(state: StreamState): void;
  random?: () => number;
};

// The log stream's heartbeat is slower than that of the state stream: a silent terraform is no news.
const timing = { lateAfterMs: 40_000, deadAfterMs: 60_000 };

const textData = z.string();
const gapData = z.object({ from: z.int(), to: z.int() });

/**
 * Follows the log of one phase and resumes at the byte where a connection broke. An event's id is the offset behind its
 * bytes, so what was sent twice is known and cut off.
 */
export function followLog(options: FollowLogOptions): ResilientStream {
  let offset = options.offset ?? 0;

  function take(bytes: Uint8Array, endOffset: number): void {
    const startOffset = endOffset - bytes.length;
    if (endOffset <= offset) return;
    // The log's first byte frames it and is not sent: the text begins at byte 1.
    if (startOffset > offset && startOffset !== 1) options.onGap(offset, startOffset);
    const fresh = startOffset < offset ? bytes.subarray(offset - startOffset) : bytes;
    options.onBytes(fresh, Math.max(startOffset, offset));
    offset = endOffset;
  }

  function onMessage({ id, event, data }: EventSourceMessage): 'end' | undefined {
    const endOffset = Number(id);
    // Throws on data that is no JSON: the connection is broken off and taken up again at the last good byte.
    const value: unknown = JSON.parse(data);
    if (event === 'log') take(new TextEncoder().encode(z.parse(textData, value)), endOffset);
    else if (event === 'bytes') take(Uint8Array.from(atob(z.parse(textData, value)), byteOf), endOffset);
    else if (event === 'gap') {
      const gap = z.parse(gapData, value);
      if (gap.to > offset) {
        options.onGap(offset, gap.to);
        offset = gap.to;
      }
    } else if (event === 'sections') {
      options.onSections?.(value);
    } else if (event === 'end') {
      return 'end';
    }
    return undefined;
  }

  return openResilientStream({
    fetch: options.fetch,
    request: () => ({
      url: `/api/v2/runs/${encodeURIComponent(options.runId)}/logs/${options.phase}?${queryOf(options, offset)}`,
      headers: offset === 0 ? {} : { 'last-event-id': String(offset) },
    }),
    onMessage,
    onState: options.onState,
    timing,
    ...(options.random === undefined ? {} : { random: options.random }),
  });
}

function queryOf({ onSections }: FollowLogOptions, offset: number): string {
  return `offset=${offset}${onSections === undefined ? '' : '&sections=true'}`;
}

function byteOf(character: string): number {
  return character.charCodeAt(0);
}
