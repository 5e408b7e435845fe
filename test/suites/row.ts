import { test } from 'vitest';
import { isWholeSuite } from './suite.ts';

/** A row of a suite's table: one harm, done to the real thing, and what holds all the same. */
export type Row = {
  /** The table's section, such as `Redis` or `Sandbox: files`. */
  area: string;
  /** What is done: `SIGKILL of the worker`. */
  harm: string;
  /** Where it hits: a step of a run, a way the worker was started, who asks. */
  when?: string;
  /** What must hold: `the phase ends as worker_lost, the workspace is free`. A rule, without figures of one run. */
  holds: string;
  /** Whether `npm test` tries it, too. Default false: only the whole suite does. */
  isChosen?: boolean;
  /** Default: the project's. */
  timeoutMs?: number;
};

declare module 'vitest' {
  interface TaskMeta {
    row?: Row;
  }
}

/**
 * A test that is also a row of `docs/faults.md` or `docs/hostile.md`. `prove` throws when something does not hold. A file
 * that has no chosen row is named `*.whole.test.ts`, so that `npm test` does not load it.
 */
export function row(said: Row, prove: () => Promise<void> | void): void {
  if (!isWholeSuite && said.isChosen !== true) return;
  const title = [said.area, said.harm, said.when, said.holds].filter((part) => part !== undefined).join(' · ');
  test(title, { meta: { row: said }, ...(said.timeoutMs === undefined ? {} : { timeout: said.timeoutMs }) }, () =>
    prove(),
  );
}
