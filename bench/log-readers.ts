import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CountedLines } from './line-count.ts';

/**
 * `tokens`: of each reader. `watch`: numbered lines, by one reader; the times that lines say they were written at; or
 * nothing, for readers that are only there.
 */
export type Asked = { url: string; tokens: readonly string[]; watch: 'lines' | 'times' | 'nothing' };
/** `fewest`: lines that reached the reader that got the fewest. Times in ms, over all lines of all readers. */
export type Waits = { fewest: number; p50: number; p99: number };
export type Told = { kind: 'open' } | ({ kind: 'counted' } & CountedLines) | ({ kind: 'waited' } & Waits);

export type LogReaders = { counted: Promise<CountedLines>; waited: Promise<Waits> };

/** Resolves when all readers have their answer's head. What they found comes when their logs have ended. */
export async function openLogReaders(asked: Asked): Promise<LogReaders> {
  const child = fork(fileURLToPath(new URL('log-reader-program.ts', import.meta.url)), {
    execArgv: ['--conditions=gatehouse-source'],
  });
  child.send(asked);
  const told = <Kind extends Told['kind']>(kind: Kind) =>
    new Promise<Extract<Told, { kind: Kind }>>((resolve, reject) => {
      child.on('message', (message: Told) => {
        if (message.kind === kind) resolve(message as Extract<Told, { kind: Kind }>);
      });
      child.once('exit', (code) => reject(new Error(`The readers ended with ${code} before they were ${kind}.`)));
    });
  const [open, counted, waited] = [told('open'), told('counted'), told('waited')];
  // Of these two one never comes.
  for (const each of [counted, waited]) each.catch(() => undefined);
  await open;
  return { counted, waited };
}
