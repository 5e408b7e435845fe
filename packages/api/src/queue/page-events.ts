import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, type Redis, type RedisAddress } from '@gatehouse/shared/redis';
import { type PageEvent, pageEvent } from '../domain/page-event.ts';

/** A Redis stream, so that a page that was cut off can be told what it missed. A hint only: the store is what holds. */
export const pageEventsKey = 'page-events';

/** About as many changes as a busy hour has; a page that was away for longer loads everything anew. */
const keptEvents = 10_000;
const blockMs = 5_000;
const retryMs = 500;

export type TimedPageEvent = PageEvent & {
  /** Its place in the stream, `<ms>-<number>`. */
  id: string;
};

export type PageEvents = {
  publish(events: readonly PageEvent[]): Promise<void>;
  /** Calls `listener` with each event of any process as it comes, or with `gap` when some were missed. The answer ends it. */
  subscribe(listener: (event: TimedPageEvent | 'gap') => void): () => void;
  /** What came after `id`, oldest first; undefined when that cannot be told (any more). */
  since(id: string): Promise<TimedPageEvent[] | undefined>;
  /** The place that the newest event has; `0-0` when there is none. */
  newestId(): Promise<string>;
  close(): void;
};

/** One connection follows the stream for all pages of this process. */
export function openPageEvents(redis: Redis, address: RedisAddress, onError: (error: Error) => void): PageEvents {
  const emitter = new EventEmitter().setMaxListeners(0);
  const follower = connectRedis(address, { onError, blocking: true, name: 'api-page-events' });
  let isClosed = false;
  // It catches everything itself.
  void follow();

  async function follow(): Promise<void> {
    let cursor: string | undefined;
    while (!isClosed) {
      try {
        if (cursor === undefined) {
          cursor = await newestId(follower);
          // Whoever listened before may have missed what came before this place.
          emitter.emit('event', 'gap');
        }
        const answer: unknown = await follower.xread('BLOCK', blockMs, 'STREAMS', pageEventsKey, cursor);
        const entries = entriesOfRead(answer);
        cursor = entries.at(-1)?.[0] ?? cursor;
        for (const event of eventsOf(entries)) emitter.emit('event', event);
      } catch (error) {
        if (isClosed) return;
        if (error instanceof Error) onError(error);
        cursor = undefined;
        await sleep(retryMs);
      }
    }
  }

  // A connection that comes back by itself may have found a Redis that had lost the stream.
  let wasReady = false;
  follower.on('ready', () => {
    if (wasReady) emitter.emit('event', 'gap');
    wasReady = true;
  });

  return {
    async publish(events) {
      const pipeline = redis.pipeline();
      for (const event of events) {
        pipeline.xadd(pageEventsKey, 'MAXLEN', '~', keptEvents, '*', 'e', JSON.stringify(event));
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    subscribe(listener) {
      emitter.on('event', listener);
      return () => emitter.off('event', listener);
    },
    async since(id) {
      const [first] = eventsOf(await redis.xrange(pageEventsKey, '-', '+', 'COUNT', 1));
      if (first === undefined || isLater(first.id, id)) return undefined;
      return eventsOf(await redis.xrange(pageEventsKey, `(${id}`, '+'));
    },
    newestId: () => newestId(redis),
    close() {
      isClosed = true;
      // A read that waits for a Redis that is away never ends; nobody waits for it.
      follower.disconnect();
    },
  };
}

const idPattern = /^(\d{1,15})-(\d{1,15})$/;

export function isPageEventId(text: string): boolean {
  return idPattern.test(text);
}

/** Whether `id` comes after `other` in the stream. */
export function isLater(id: string, other: string): boolean {
  const [, ms = '0', number = '0'] = idPattern.exec(id) ?? [];
  const [, otherMs = '0', otherNumber = '0'] = idPattern.exec(other) ?? [];
  return Number(ms) > Number(otherMs) || (ms === otherMs && Number(number) > Number(otherNumber));
}

async function newestId(redis: Redis): Promise<string> {
  const [newest] = await redis.xrevrange(pageEventsKey, '+', '-', 'COUNT', 1);
  return newest?.[0] ?? '0-0';
}

type Entry = [id: string, fields: string[]];

/** XREAD answers `[[key, entries]]`, or null when nothing came in time. */
function entriesOfRead(answer: unknown): readonly Entry[] {
  // The shape is Redis's own (redis.io/commands/xread); ioredis types it for each form of its arguments anew.
  const streams = answer as [key: string, entries: Entry[]][] | null;
  return streams?.[0]?.[1] ?? [];
}

/** Redis is not trusted: what is not of our form is passed over. */
function eventsOf(entries: readonly Entry[]): TimedPageEvent[] {
  return entries.flatMap(([id, fields]) => {
    const parsed = pageEvent.safeParse(jsonOf(fields[1] ?? ''));
    return parsed.success ? [{ ...parsed.data, id }] : [];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
