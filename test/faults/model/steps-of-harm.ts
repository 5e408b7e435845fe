import { loopNames } from './api-process.ts';
import { chosen, hasApi } from './choice.ts';
import type { Kind } from './step.ts';
import type { World } from './world.ts';

const always = () => true;

const holdOutbox: Kind = {
  name: 'the outbox is held or let go',
  weight: 4,
  isPossible: hasApi,
  async happen(world, { one }) {
    const hold = one % 2 === 0;
    for (const api of world.apis) api.holdOutbox(hold);
    return hold ? 'nothing is relayed from now on' : 'the outbox is relayed again';
  },
};

const crash: Kind = {
  name: 'the api dies',
  weight: 3,
  isPossible: hasApi,
  async happen(world, { one, other }) {
    const [dead] = world.apis.splice(0, 1);
    const inTheMiddle = other % 2 === 0;
    if (inTheMiddle) await dead?.beginRelaying(other % 5);
    await dead?.crash();
    // Mostly it is there again at once.
    if (world.apis.length === 0 && one % 3 !== 0) world.apis.push(await world.start());
    return `the api is killed${inTheMiddle ? ' while it relays' : ''}${world.api() === undefined ? '' : ', and another one answers'}`;
  },
};

const start: Kind = {
  name: 'an api starts',
  weight: 2,
  isPossible: (world) => world.apis.length < 2,
  async happen(world) {
    world.apis.push(await world.start());
    return world.apis.length === 1 ? 'the api starts again' : 'a second api starts beside the first';
  },
};

const stopSecond: Kind = {
  name: 'an api is stopped',
  weight: 2,
  isPossible: (world) => world.apis.length === 2,
  async happen(world, { one }) {
    const [stopped] = world.apis.splice(one % 2, 1);
    await stopped?.stop();
    return 'one of the two apis is stopped';
  },
};

/** Every job and code is gone, as after a restart without data, and every connection breaks with it. */
const flush: Kind = {
  name: 'Redis loses its data',
  weight: 1,
  isPossible: always,
  async happen(world, { one }) {
    for (const lane of [world.lanes.gate, world.lanes.runs]) {
      for (const id of [...(await lane.waiting()), ...(await lane.active())]) world.excusedJobs.add(id);
    }
    // It does not know any more which jobs were taken: one that is parked late wakes for nothing.
    for (const id of world.takenJobs) world.strayJobs.add(id);
    world.takenJobs.clear();
    await world.redis.flushall();
    world.logs.lost();
    if (one % 2 === 0) return 'Redis loses its data';
    await world.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await world.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes');
    return 'Redis loses its data, and all connections to it break';
  },
};

/** Mostly short ones: longer than a lease, a deadline, a session, and back. */
const seconds = [1, 1, 1, 12, 12, 35, 35, 360, 1860, 4200, -1, -600] as const;

const turnClock: Kind = {
  name: 'the clock jumps',
  weight: 5,
  isPossible: always,
  async happen(world, { one }) {
    const jump = chosen(seconds, one) ?? 1;
    world.turnClock(jump * 1000);
    return `the clock jumps ${Math.abs(jump)} s ${jump < 0 ? 'back' : 'forward'}`;
  },
};

const loop: Kind = {
  name: 'a loop of an api turns',
  weight: 6,
  isPossible: hasApi,
  async happen(world, { one, other }) {
    const name = chosen(loopNames, one) ?? 'reconcile';
    const api = chosen(world.apis, other);
    await api?.runLoop(name);
    if (name === 'reconcile') restored(world);
    return `the loop ${name} turns`;
  },
};

const allLoops: Kind = {
  name: 'all loops of all apis turn at once',
  weight: 2,
  isPossible: hasApi,
  async happen(world) {
    await Promise.all(world.apis.flatMap((api) => loopNames.map((name) => api.runLoop(name))));
    restored(world);
    return `all loops of ${world.apis.length} api turn at once`;
  },
};

/** What the sweep must have brought back is excused no more: challenges always, phases once they have waited a while. */
function restored(world: World): void {
  const settledBefore = world.clock.now().getTime() - 10_000;
  const young = world.rows<{ id: string }>(
    `select run_id || '.' || phase as id from run_phases where queued_at >= ${settledBefore}
     or run_id in (select run_id from outbox)`,
  );
  const keep = new Set(young.map(({ id }) => id));
  for (const id of world.excusedJobs) if (!keep.has(id)) world.excusedJobs.delete(id);
}

export const stepsOfHarm: readonly Kind[] = [
  ...[holdOutbox, crash, start, stopSecond, flush, turnClock, loop, allLoops],
];
