import { type Deliverer, deliverNext } from '../services/deliver-notification.ts';
import { configurationsWithDueDeliveries } from '../store/notification-deliveries.ts';
import { createKeyedRelay, type Relay } from './keyed-relay.ts';

/** Receivers that are told at a time. Each try is a socket that waits for seconds at most, and next to no work. */
const receiversAtATime = 64;

/**
 * Tells receivers what they asked for, in a lane of its own: a slow one holds up neither a run nor another receiver.
 * One after the other to each; one that fails is tried again later, a bounded number of times, and holds up no other.
 */
export function deliverNotifications(
  deliverer: Deliverer & { logger: { error(details: object, message: string): void } },
): Relay {
  const { database, clock, logger } = deliverer;
  return createKeyedRelay({
    atATime: receiversAtATime,
    dueKeys: (limit) => configurationsWithDueDeliveries(database, clock.now(), limit),
    async step(configurationId) {
      try {
        return await deliverNext(deliverer, configurationId);
      } catch (error) {
        // What was taken is due again when its lease ends.
        logger.error({ err: error, configurationId }, 'a notification could not be sent');
        return false;
      }
    },
  });
}
