import type { EventSourceMessage } from 'eventsource-parser';
import * as z from 'zod/mini';
import type { Fetch } from './api.ts';
import { openResilientStream, type ResilientStream } from './resilient-stream.ts';
import type { StreamState } from './stream-state.ts';

/** What the api tells of changes. Events carry names, not the things: the page fetches those itself. */
export const stateEventNames = [
  'run.changed',
  'challenge.changed',
  'plan.ready',
  'worker.changed',
  'queue.sampled',
  'settings.changed',
] as const;
export type StateEventName = (typeof stateEventNames)[number];

const eventData = z.object({
  'run-id': z.optional(z.string()),
  workspace: z.nullish(z.string()),
  organization: z.optional(z.string()),
  /** Of the run: older news than what is known is dropped. */
  version: z.optional(z.int()),
});

/** Where the api cannot resume: everything may have changed. */
const gapEvent = 'gap';

export type StateEvent = {
  name: StateEventName;
  runId: string | undefined;
  workspace: string | undefined;
  organization: string | undefined;
  version: number | undefined;
};

export type StateEventsOptions = {
  /** Default: all that I am a member of. */
  organization?: string;
  /** What is told only to operators who ask for it. */
  topics?: readonly 'queue'[];
  fetch: Fetch;
  onEvent(event: StateEvent): void;
  /** News may have been missed: after a reconnection, or when an event came that cannot be read. Refetch everything. */
  onGap(): void;
  onState(state: StreamState): void;
  poll(): Promise<void>;
  random?: () => number;
};

/** One stream of everything that changes. */
export function openStateEvents(options: StateEventsOptions): ResilientStream {
  const isNews = versionGate();
  let lastEventId: string | undefined;
  let wasLost = false;

  function onMessage(message: EventSourceMessage): undefined {
    if (message.id !== undefined) lastEventId = message.id;
    if (message.event === gapEvent) return void options.onGap();
    const event = readEvent(message);
    if (event === undefined) options.onGap();
    else if (event !== 'unknown' && isNews(event)) options.onEvent(event);
  }

  return openResilientStream({
    fetch: options.fetch,
    request: () => ({
      url: `/api/v2/events${queryOf(options)}`,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    }),
    onMessage,
    onState: (state) => {
      if (state.kind === 'reconnecting' || state.kind === 'polling') wasLost = true;
      if (state.kind === 'live' && wasLost) {
        wasLost = false;
        options.onGap();
      }
      options.onState(state);
    },
    poll: options.poll,
    ...(options.random === undefined ? {} : { random: options.random }),
  });
}

function queryOf({ organization, topics = [] }: StateEventsOptions): string {
  const query = new URLSearchParams({
    ...(organization === undefined ? {} : { organization }),
    ...(topics.length === 0 ? {} : { topics: topics.join(',') }),
  }).toString();
  return query === '' ? '' : `?${query}`;
}

function readEvent({ event, data }: EventSourceMessage): StateEvent | 'unknown' | undefined {
  const name = stateEventNames.find((candidate) => candidate === event);
  // An event of a newer api: this page has nothing that depends on it.
  if (name === undefined) return 'unknown';
  const parsed = eventData.safeParse(jsonOf(data));
  if (!parsed.success) return undefined;
  const { workspace, organization, version } = parsed.data;
  return { name, runId: parsed.data['run-id'], workspace: workspace ?? undefined, organization, version };
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** Lets an event pass unless the same kind of event of its run was newer already. */
function versionGate(): (event: StateEvent) => boolean {
  const newest = new Map<string, number>();
  return ({ name, runId, version }) => {
    if (runId === undefined || version === undefined) return true;
    const key = `${name} ${runId}`;
    if (version <= (newest.get(key) ?? -1)) return false;
    newest.set(key, version);
    return true;
  };
}
