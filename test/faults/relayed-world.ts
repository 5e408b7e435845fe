import { waitForRun } from '@gatehouse/dev/run-client';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { type RelayedRedis, startRelayedRedis } from './relayed-redis.ts';

/** Runs of one moment: one in its plan and one in its apply, both held by the effects, and one that waits for a code. */
export type Middle = { planning: FaultRun; applying: FaultRun; parked: FaultRun };

export type RelayedWorld = FaultWorld & {
  redis: RelayedRedis;
  /** Resolves when each of the three is where it is to be; their names begin with `name`. */
  inTheMiddle(name: string): Promise<Middle>;
  /** Lets go of the two that are held. */
  goOn(runs: Middle): void;
};

/** A Gatehouse whose Redis may be harmed. */
export async function startRelayedWorld(): Promise<RelayedWorld> {
  const redis = await startRelayedRedis();
  const world = await startFaultWorld({
    apiEnvironment: { REDIS_URL: redis.url },
    workerEnvironment: { REDIS_URL: redis.url },
  }).catch(async (error) => {
    await redis.stop();
    throw error;
  });
  // Whoever counts what is left looks into this one.
  world.stack.dev.redisUrl = redis.url;
  const { effects, queue } = world;
  return {
    ...world,
    redis,
    async inTheMiddle(name) {
      for (const path of [`/${name}-planning/plan`, `/${name}-applying/apply`]) effects.hold(path);
      const planning = await queue(`${name}-planning`);
      const applying = await queue(`${name}-applying`);
      const parked = await queue(`${name}-parked`, { level: 'applies_only' });
      await Promise.all([effects.reached(`/${name}-planning/plan`), effects.reached(`/${name}-applying/apply`)]);
      await waitForRun(world.api, parked.id, ['awaiting_mfa']);
      return { planning, applying, parked };
    },
    goOn({ planning, applying }) {
      effects.release(`/${planning.name}/plan`);
      effects.release(`/${applying.name}/apply`);
    },
    async stop() {
      await world.stop();
      await redis.stop();
    },
  };
}
