import type { ResilientStream } from './resilient-stream.ts';
import { openStateEvents, type StateEventsOptions } from './state-events.ts';
import type { HubNews, HubRequest } from './state-hub.ts';

/**
 * As `openStateEvents`, on one connection for all tabs of this browser. Where there are no shared workers, or theirs
 * does not start, the tab has its own.
 */
export function openSharedStateEvents(options: StateEventsOptions): ResilientStream {
  if (typeof SharedWorker === 'undefined') return openStateEvents(options);
  let own: ResilientStream | undefined;
  let isClosed = false;
  const worker = new SharedWorker(new URL('./state-hub-worker.ts', import.meta.url), {
    type: 'module',
    name: 'gatehouse-events',
  });
  const { port } = worker;
  const ask = (request: HubRequest) => port.postMessage(request);
  const join = () => ask({ kind: 'open', withQueue: options.topics?.includes('queue') ?? false });
  const hear = listener(options);
  port.addEventListener('message', ({ data }: MessageEvent<HubNews>) => {
    if (!isClosed && own === undefined) hear(data);
  });
  worker.addEventListener('error', () => {
    if (!isClosed) own ??= openStateEvents(options);
  });
  port.start();
  join();

  const leave = () => ask({ kind: 'close' });
  // A tab that the browser kept and shows again has left meanwhile.
  const comeBack = ({ persisted }: PageTransitionEvent) => persisted && join();
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', comeBack);
  return {
    tryNow: () => (own === undefined ? ask({ kind: 'try-now' }) : own.tryNow()),
    close: () => {
      isClosed = true;
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('pageshow', comeBack);
      own?.close();
      leave();
      port.close();
    },
  };
}

function listener({ onEvent, onGap, onState, poll }: StateEventsOptions): (news: HubNews) => void {
  let isPolling = false;
  return (news) => {
    if (news.kind === 'event') onEvent(news.event);
    else if (news.kind === 'gap') onGap();
    else if (news.kind === 'state') onState(news.state);
    else if (!isPolling) {
      isPolling = true;
      poll()
        .catch(() => {})
        .finally(() => {
          isPolling = false;
        });
    }
  };
}
