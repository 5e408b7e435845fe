// The SharedWorker that holds the one stream of state events for all tabs of this browser.
import { createStateHub } from './state-hub.ts';

const hub = createStateHub({ fetch: (url, init) => fetch(url, init) });

addEventListener('connect', (event) => {
  // The page's types know no `connect`; it is a message event that carries the tab's port.
  if (!(event instanceof MessageEvent)) return;
  const [port] = event.ports;
  if (port === undefined) return;
  hub.connect(port);
  port.start();
});
