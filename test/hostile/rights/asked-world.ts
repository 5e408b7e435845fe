import { actorsOf } from './actors.ts';
import { keptTables } from './kept-tables.ts';
import { startRightsWorld } from './rights-world.ts';

/** The world of rights, who asks in it, and its tables as they were before anybody asked. */
export async function startAskedWorld() {
  const world = await startRightsWorld();
  const actors = await actorsOf(world);
  return { ...world, actors, tables: keptTables(world.file) };
}

export type AskedWorld = Awaited<ReturnType<typeof startAskedWorld>>;
