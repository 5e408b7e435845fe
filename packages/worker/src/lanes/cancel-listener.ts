import { type CancelMode, cancelChannel, cancelModes } from '@gatehouse/shared/jobs';
import type { Redis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Logger } from 'pino';
import { z } from 'zod';

const cancelMessage = z.strictObject({ mode: z.enum(cancelModes) });

export type CancelListener = {
  /** Hears a phase's cancellation until the answer is called. The heartbeat's answer is the backstop for a missed one. */
  listen(runId: string, phase: Phase, onCancel: (mode: CancelMode) => void): Promise<() => Promise<void>>;
};

/** `subscriber`: a connection of its own, since a subscribed one can do nothing else. */
export function createCancelListener(options: { subscriber: Redis; sealer: Sealer; logger: Logger }): CancelListener {
  const { subscriber, sealer, logger } = options;
  const listeners = new Map<string, (mode: CancelMode) => void>();

  subscriber.on('message', (channel: string, message: string) => {
    void hear(channel, message);
  });

  /** Only a message that was sealed for this very channel counts: Redis is not trusted. */
  async function hear(channel: string, message: string): Promise<void> {
    try {
      const { mode } = cancelMessage.parse(JSON.parse(await sealer.unsealText(message, channel)));
      listeners.get(channel)?.(mode);
    } catch (error) {
      logger.warn({ err: error, channel }, 'a forged or broken cancellation was ignored');
    }
  }

  return {
    async listen(runId, phase, onCancel) {
      const channel = cancelChannel(runId, phase);
      listeners.set(channel, onCancel);
      await subscriber.subscribe(channel);
      return async () => {
        listeners.delete(channel);
        await subscriber.unsubscribe(channel).catch(() => {});
      };
    },
  };
}
