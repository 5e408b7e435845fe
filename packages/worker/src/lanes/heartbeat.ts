import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type Heartbeat, type HeartbeatAnswer, heartbeatIntervalMs } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import type { WorkerApi } from '../api-client/worker-api-client.ts';

export type Heart = {
  /** There is news: does not wait for the next beat. A wish during a beat, whose answer may be older, leads to another. */
  beatNow(): void;
  stop(): Promise<void>;
};

/** Beats at once and then every five seconds (`intervalMs`); one beat at a time. */
export function startHeartbeat(options: {
  api: Pick<WorkerApi, 'heartbeat'>;
  beat: () => Heartbeat;
  onAnswer: (answer: HeartbeatAnswer) => void;
  /** The api does not take the worker's token (any more). */
  onRefused?: () => void;
  logger: Logger;
  intervalMs?: number;
}): Heart {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let isAway = false;
  let isBeating = false;
  let isWished = false;
  let beating = beatOnce();

  async function beatOnce(): Promise<void> {
    const startedAt = Date.now();
    isBeating = true;
    isWished = false;
    try {
      options.onAnswer(await options.api.heartbeat(options.beat()));
      if (isAway) options.logger.info('the api answers again');
      isAway = false;
    } catch (error) {
      if (!isAway) options.logger.warn({ err: error }, 'the api does not answer the heartbeat');
      isAway = true;
      if (isGatehouseError(error, 'unauthorized')) options.onRefused?.();
    }
    isBeating = false;
    if (stopped) return;
    const intervalMs = options.intervalMs ?? heartbeatIntervalMs;
    // An api that is away is not asked in a hurry.
    beatIn(isWished && !isAway ? 0 : Math.max(0, intervalMs - (Date.now() - startedAt)));
  }

  function beatIn(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      beating = beatOnce();
    }, delayMs);
  }

  return {
    beatNow() {
      if (isBeating) isWished = true;
      else if (!stopped) beatIn(0);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await beating;
      // The last one tells that nothing is held any more.
      await options.api.heartbeat(options.beat()).catch(() => {});
    },
  };
}
