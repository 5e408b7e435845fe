import type { Clock } from '../clock.ts';
import { isLater, type PageEvents, type TimedPageEvent } from '../queue/page-events.ts';

/** What a page that listens is told. */
export type PageNews =
  | { kind: 'event'; event: TimedPageEvent }
  /** Something was missed: load everything anew. */
  | { kind: 'gap' }
  /** `id`: the place to resume at for a reader that has not had an event yet. */
  | { kind: 'heartbeat'; now: Date; id?: string }
  | { kind: 'sample'; now: Date };

export const heartbeatMs = 5_000;
/** A reader that is this far behind is told to load anew; that is cheaper for both. */
const maxWaiting = 1_000;

/**
 * What changes in what `mayHear` lets through, as it happens, from `lastEventId` on. `isAllowed` is asked with each
 * heartbeat: when it says no the answer ends. `samples`: a `sample` is told with each heartbeat. Ends at an abort.
 */
export async function* followPageEvents(
  { pageEvents, clock }: { pageEvents: PageEvents; clock: Clock },
  input: {
    mayHear: (event: TimedPageEvent) => boolean;
    isAllowed: () => boolean;
    lastEventId: string | undefined;
    samples: boolean;
    signal: AbortSignal;
  },
): AsyncGenerator<PageNews> {
  const { mayHear, isAllowed, lastEventId, samples, signal } = input;
  const mailbox = openMailbox();
  const unsubscribe = pageEvents.subscribe(mailbox.put);
  try {
    // From here on the mailbox gathers; what was before is read now, and what is in both is told once.
    let newest = await pageEvents.newestId();
    yield { kind: 'heartbeat', now: clock.now(), id: lastEventId ?? newest };
    const missed = lastEventId === undefined ? [] : await pageEvents.since(lastEventId);
    if (missed === undefined) yield { kind: 'gap' };
    for (const event of missed ?? []) {
      newest = event.id;
      if (mayHear(event)) yield { kind: 'event', event };
    }
    if (samples) yield { kind: 'sample', now: clock.now() };
    let beatAt = Date.now() + heartbeatMs;
    while (!signal.aborted) {
      for (const event of mailbox.take()) {
        if (event === 'gap') yield { kind: 'gap' };
        else if (isLater(event.id, newest) && mayHear(event)) yield { kind: 'event', event };
      }
      if (Date.now() >= beatAt) {
        if (!isAllowed()) return;
        beatAt = Date.now() + heartbeatMs;
        yield { kind: 'heartbeat', now: clock.now() };
        if (samples) yield { kind: 'sample', now: clock.now() };
      }
      await mailbox.next(beatAt - Date.now(), signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Keeps what comes while its reader is busy. */
function openMailbox() {
  let waiting: (TimedPageEvent | 'gap')[] = [];
  let wake: (() => void) | undefined;
  return {
    put(event: TimedPageEvent | 'gap') {
      if (waiting.length >= maxWaiting) waiting = ['gap'];
      else waiting.push(event);
      wake?.();
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    /** Resolves when there is something, after `timeoutMs`, or at an abort. */
    async next(timeoutMs: number, signal: AbortSignal): Promise<void> {
      if (waiting.length > 0 || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, timeoutMs));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
      });
      if (wake) signal.removeEventListener('abort', wake);
      wake = undefined;
    },
  };
}
