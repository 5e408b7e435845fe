import { type Heartbeat, type HeartbeatAnswer, heartbeatIntervalMs } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import type { WorkerApi } from '../api-client/worker-api-client.ts';

export type Heart = { stop(): Promise<void> };

/** Beats at once and then every five seconds (`intervalMs`); one beat at a time. */
export function startHeartbeat(options: {
  api: Pick<WorkerApi, 'heartbeat'>;
  beat: () => Heartbeat;
  onAnswer: (answer: HeartbeatAnswer) => void;
  logger: Logger;
  intervalMs?: number;
}): Heart {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let isAway = false;
  let beating = beatOnce();

  async function beatOnce(): Promise<void> {
    const startedAt = Date.now();
    try {
      options.onAnswer(await options.api.heartbeat(options.beat()));
      if (isAway) options.logger.info('the api answers again');
      isAway = false;
    } catch (error) {
      if (!isAway) options.logger.warn({ err: error }, 'the api does not answer the heartbeat');
      isAway = true;
    }
    if (stopped) return;
    const delayMs = Math.max(0, (options.intervalMs ?? heartbeatIntervalMs) - (Date.now() - startedAt));
    timer = setTimeout(() => {
      beating = beatOnce();
    }, delayMs);
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await beating;
      // The last one tells that nothing is held any more.
      await options.api.heartbeat(options.beat()).catch(() => {});
    },
  };
}
