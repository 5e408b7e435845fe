import { WaitingCountContext } from '../components/page-title.tsx';
import { LiveIndicator } from '../features/live/live-indicator.tsx';
import { LiveProvider, type OpenStateEvents, useLive } from '../features/live/live-provider.tsx';
import { TabSignProvider } from '../features/live/tab-sign.tsx';
import { useWaitNotifications } from '../features/waiting/use-wait-notifications.ts';
import { useWaits } from '../features/waiting/use-waits.ts';
import { Shell } from './shell.tsx';

/** The frame of every page, kept up to date: how new the page is, how many runs wait for me. */
export function LiveShell({ openStream }: { openStream?: OpenStateEvents }) {
  return (
    <LiveProvider {...(openStream === undefined ? {} : { open: openStream })}>
      <WaitingShell />
    </LiveProvider>
  );
}

function WaitingShell() {
  const { state, tryNow } = useLive();
  const waits = useWaits();
  const waiting = waits.data?.total ?? 0;
  useWaitNotifications(waits.data?.waits);
  return (
    <WaitingCountContext value={waiting}>
      <TabSignProvider waiting={waiting}>
        <Shell waiting={waiting} live={<LiveIndicator state={state} onTryNow={tryNow} />} />
      </TabSignProvider>
    </WaitingCountContext>
  );
}
