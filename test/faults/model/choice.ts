import type { KnownRun, World } from './world.ts';

/** Numbers that a step chooses with: what they mean depends on what is there when it runs. */
export type Pick = { one: number; other: number };

/** The one of `all` that the number means; undefined when there is none. */
export function chosen<Item>(all: readonly Item[], number: number): Item | undefined {
  return all.length === 0 ? undefined : all[number % all.length];
}

/** Mostly one of those that fit; now and then, and when none does, any. */
export function fitting<Item>(all: readonly Item[], number: number, fits: (item: Item) => boolean): Item | undefined {
  const fit = all.filter(fits);
  return chosen(fit.length === 0 || number % 6 === 5 ? all : fit, number);
}

export const hasApi = (world: World) => world.api() !== undefined;
export const hasRun = (world: World) => hasApi(world) && world.runs.some(({ id }) => world.status(id) !== undefined);
export const openWorkspaces = (world: World) => world.workspaces.filter(({ isDeleted }) => !isDeleted);

/** Runs that are not over come first to mind; among these one that fits is mostly chosen. */
export function runFor(world: World, { one }: Pick, fits: (run: KnownRun) => boolean): KnownRun | undefined {
  const there = world.runs.filter(({ id }) => world.status(id) !== undefined);
  return fitting(there, one, fits);
}
