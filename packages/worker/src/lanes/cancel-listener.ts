import { cancelChannel } from '@gatehouse/shared/jobs';
import type { Redis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import { phaseMessage } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import type { z } from 'zod';

/** A wish to stop, or word that the heartbeat's answer holds something. */
export type HeardMessage = z.output<typeof phaseMessage>;

export type CancelListener = {
  /** Hears what is told to a phase until the answer is called. The heartbeat's answer is the backstop for what was missed. */
  listen(runId: string, phase: Phase, onMessage: (message: HeardMessage) => void): Promise<() => Promise<void>>;
};

/** `subscriber`: a connection of its own, since a subscribed one can do nothing else. */
export function createCancelListener(options: { subscriber: Redis; sealer: Sealer; logger: Logger }): CancelListener {
  const { subscriber, sealer, logger } = options;
  const listeners = new Map<string, (message: HeardMessage) => void>();

  subscriber.on('message', (channel: string, message: string) => {
    void hear(channel, message);
  });

  /** Only a message that was sealed for this very channel counts: Redis is not trusted. */
  async function hear(channel: string, message: string): Promise<void> {
    try {
      const heard = phaseMessage.parse(JSON.parse(await sealer.unsealText(message, channel)));
      listeners.get(channel)?.(heard);
    } catch (error) {
      logger.warn({ err: error, channel }, 'a forged or broken message to a phase was ignored');
    }
  }

  return {
    async listen(runId, phase, onMessage) {
      const channel = cancelChannel(runId, phase);
      listeners.set(channel, onMessage);
      await subscriber.subscribe(channel);
      return async () => {
        listeners.delete(channel);
        await subscriber.unsubscribe(channel).catch(() => {});
      };
    },
  };
}
