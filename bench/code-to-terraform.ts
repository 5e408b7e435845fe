import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { followLog } from '@gatehouse/dev/follow-log';
import { authenticateRun, createRun, waitForRun } from '@gatehouse/dev/run-client';
import { z } from 'zod';
import { type Measurement, median, milliseconds, quantile, ratiosOf } from './measurement.ts';
import { type OwnProgram, startOwnProgram } from './own-program.ts';
import { startedAt } from './start-mark.ts';
import { type Surroundings, tellingVersion } from './surroundings.ts';

const rounds = 4;
const each = 12;

/** From the code being sent until terraform's process starts, on an idle worker, beside the least that could lie between. */
export async function codeToTerraform(surroundings: Surroundings): Promise<Measurement> {
  const run = await codeSender(surroundings);
  const { stack, terraform } = surroundings;
  const bare = await startOwnProgram('bare-gate.ts', stack.dev.redisUrl, path.dirname(stack.dataDirectory), terraform);
  const ours: number[][] = [];
  const least: number[][] = [];
  try {
    await run();
    await bareGate(bare);
    for (let round = 0; round < rounds; round++) {
      const [through, alone]: [number[], number[]] = [[], []];
      for (let count = 0; count < each; count++) {
        through.push(await run());
        alone.push(await bareGate(bare));
      }
      ours.push(through);
      least.push(alone);
    }
  } finally {
    await bare.stop();
  }
  const rows = [
    { name: 'p50', share: 0.5 },
    { name: 'p99', share: 0.99 },
  ].map(({ name, share }) => ({
    name: `code sent → terraform started, idle worker, call of STS taken off: ${name}`,
    figures: milliseconds(quantile(ours.flat(), share)),
    against: `a bare promoted job, a second queue, one sandbox: ${milliseconds(quantile(least.flat(), share))}`,
    ratios: ratiosOf(
      ours.map((values) => quantile(values, share)),
      least.map((values) => quantile(values, share)),
    ),
    goal: 1.5,
  }));
  return { rows };
}

/** A function that has a run wait for a code, sends one, and tells how long terraform took to start (ms, without the call of STS). */
export async function codeSender(
  surroundings: Surroundings,
  name = 'code-to-terraform',
): Promise<() => Promise<number>> {
  const settings = { 'mfa-level': 'plans_and_applies', 'terraform-version': tellingVersion };
  const { id, version } = await surroundings.workspace(name, settings, 'output "x" { value = 1 }');
  return async () => {
    const { api, freshCode, stack } = surroundings;
    const run = await createRun(api, id, version, { 'plan-only': true });
    const code = await freshCode();
    const sentAt = Date.now();
    await authenticateRun(api, run.id, code);
    let log = '';
    await followLog(api, run.id, 'plan', (text) => {
      log += text;
    });
    await waitForRun(api, run.id, ['planned_and_finished']);
    return startedAt(log) - sentAt - (await lastStsTime(stack.logFolder));
  };
}

async function bareGate(bare: OwnProgram): Promise<number> {
  const { id } = z.object({ id: z.string() }).parse(await (await fetch(bare.said, { method: 'PUT' })).json());
  const sentAt = Date.now();
  const answer = await (await fetch(`${bare.said}/${id}`, { method: 'POST' })).json();
  return z.object({ startedAt: z.number() }).parse(answer).startedAt - sentAt;
}

/** The worker's log tells of each call. */
async function lastStsTime(logFolder: string): Promise<number> {
  const log = await readFile(path.join(logFolder, 'worker.log'), 'utf8');
  return Number([...log.matchAll(/"stsMs":(\d+)/g)].at(-1)?.[1]);
}

export const medians = (rounds: readonly (readonly number[])[]): number[] => rounds.map(median);
