import type { StreamState } from '../../api-client/stream-state.ts';
import { clockTime, durationWords } from '../../components/duration-words.ts';

export type LiveWords = { word: string; detail: string; family: 'ok' | 'need' | 'bad' | 'idle'; canTry: boolean };

/** A stream's state in words, with the age of what the page shows. `now`: the browser's clock, as in the state. */
export function liveWords(state: StreamState, now: number): LiveWords {
  switch (state.kind) {
    case 'connecting':
      return { word: 'Connecting', detail: '', family: 'idle', canTry: false };
    case 'live':
      return { word: 'Live', detail: '', family: 'ok', canTry: false };
    case 'late':
      return {
        word: 'Late',
        detail: `nothing for ${durationWords(now - state.lastAt)}`,
        family: 'need',
        canTry: false,
      };
    case 'reconnecting':
      return {
        word: 'Reconnecting',
        detail: [lostFor(state.lastAt, now), nextTry(state.nextTryAt, now)].filter((part) => part !== '').join(', '),
        family: 'need',
        canTry: state.nextTryAt !== undefined,
      };
    case 'polling':
      return {
        word: 'Asking every 5 s',
        detail: state.lastPollAt === undefined ? 'no answer yet' : `as of ${clockTime(state.lastPollAt, true)}`,
        family: 'need',
        canTry: true,
      };
    case 'signed-out':
      return { word: 'Signed out', detail: 'this page is as it was', family: 'bad', canTry: false };
    case 'ended':
      return { word: 'Complete', detail: '', family: 'idle', canTry: false };
  }
}

function lostFor(lastAt: number | undefined, now: number): string {
  return lastAt === undefined ? '' : `lost ${durationWords(now - lastAt)} ago`;
}

function nextTry(nextTryAt: number | undefined, now: number): string {
  return nextTryAt === undefined ? 'trying now' : `next try in ${durationWords(nextTryAt - now + 999)}`;
}
