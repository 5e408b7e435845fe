const channelName = 'gatehouse-visible';
const answerMs = 150;

/** Answers other tabs of this browser for as long as the page lives. */
export function answerWhetherVisible(): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = ({ data }) => {
    if (data === 'who' && document.visibilityState === 'visible') channel.postMessage('me');
  };
  return () => channel.close();
}

/** Whether this tab, or another one of Gatehouse in this browser, is in view. */
export async function isAnyTabVisible(): Promise<boolean> {
  if (document.visibilityState === 'visible') return true;
  const channel = new BroadcastChannel(channelName);
  return new Promise((resolve) => {
    const end = (isVisible: boolean) => {
      clearTimeout(timer);
      channel.close();
      resolve(isVisible);
    };
    const timer = setTimeout(() => end(false), answerMs);
    channel.onmessage = ({ data }) => data === 'me' && end(true);
    channel.postMessage('who');
  });
}
