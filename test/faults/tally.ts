import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Run, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { connectRedis } from '@gatehouse/shared/redis';
import { isTerminal, phases, runStatuses } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import type { Gatehouse } from '../e2e/stack.ts';
import type { Effects } from './effects.ts';
import { type FaultRun, linesOfApply } from './fault-world.ts';

/** What a world lost or left behind, told with its place; `nothing` is what must come of it. */
export type Tally = {
  /** Applies whose effect on the world outside terraform came more than once. */
  appliedTwice: string[];
  stuckRuns: string[];
  /** Logs with a line that is missing, doubled or out of order. */
  brokenLogs: string[];
  /** Applies whose state does not hold what they made. */
  lostStates: string[];
  processes: string[];
  sockets: string[];
  folders: string[];
  redisKeys: string[];
};

export const nothing: Tally = {
  appliedTwice: [],
  stuckRuns: [],
  brokenLogs: [],
  lostStates: [],
  processes: [],
  sockets: [],
  folders: [],
  redisKeys: [],
};

type Ending = {
  gatehouse: Gatehouse;
  effects: Effects;
  sandboxUid: number;
  runs: readonly FaultRun[];
  foldersBefore: ReadonlySet<string>;
};

const endings = runStatuses.filter(isTerminal);
/** Of a run after the harm: a lost worker is given up within a minute. */
const longestEndMs = 120_000;
/** What stays may take a moment to go: an archived log, a folder that is being removed, a process that was killed. */
const longestGoneMs = 20_000;
/** BullMQ looks twice, half a minute apart, before it takes a job from a consumer that is gone. */
const longestKeyMs = 100_000;

/** Runs that wait for a person are told that nobody comes. All services must be up. */
export async function readEnded({ gatehouse, effects, sandboxUid, runs, foldersBefore }: Ending): Promise<Tally> {
  const { stack } = gatehouse;
  const tally = structuredClone(nothing);
  for (const run of runs) {
    await sendHome(gatehouse, run);
    const ended = await waitForRun(gatehouse.api, run.id, endings, longestEndMs).catch(() => undefined);
    if (ended === undefined) {
      const { attributes } = await readRun(gatehouse.api, run.id);
      tally.stuckRuns.push(`${run.name}: ${attributes['gatehouse-status']}`);
      continue;
    }
    const isApplied = ended.attributes.status === 'applied';
    tally.brokenLogs.push(...(await brokenLogs(gatehouse, run, isApplied)));
    const resources = await resourcesIn(gatehouse, run.workspaceId);
    if (isApplied && !(resources.includes('first') && resources.includes('second'))) {
      tally.lostStates.push(`${run.name}: applied, and its state holds ${resources.join(', ') || 'nothing'}`);
    }
  }
  for (const [path, count] of effects.counts()) {
    if (path.endsWith('/apply') && count > 1) tally.appliedTwice.push(`${path}: ${count} times`);
  }
  tally.redisKeys = await untilNone(() => strayKeys(stack.dev.redisUrl), longestKeyMs);
  tally.folders = await untilNone(async () => strayFolders(stack.workFolder, foldersBefore));
  await stack.stop();
  tally.processes = await untilNone(() => processesOf(sandboxUid));
  tally.sockets = await untilNone(() => socketsBelow([stack.dataDirectory, stack.workFolder]));
  await effects.close();
  await gatehouse.stop();
  await rm(stack.workFolder, { recursive: true, force: true });
  return tally;
}

/** Names of the resources in a workspace's current state. */
export async function resourcesIn({ api }: Pick<Gatehouse, 'api'>, workspaceId: string): Promise<string[]> {
  const answer = await api.request('GET', `/api/v2/workspaces/${workspaceId}/current-state-version`);
  if (answer.status === 404) return [];
  const attributes = z.object({ 'hosted-state-download-url': z.string() });
  const url = z.object({ data: z.object({ attributes }) }).parse(answer.body).data.attributes;
  const response = await fetch(url['hosted-state-download-url'], { headers: { authorization: `Bearer ${api.token}` } });
  const state = z.object({ resources: z.array(z.object({ name: z.string(), mode: z.string() })) });
  return state.parse(await response.json()).resources.flatMap(({ name, mode }) => (mode === 'managed' ? [name] : []));
}

async function sendHome({ api }: Gatehouse, run: Run): Promise<void> {
  const { attributes } = await readRun(api, run.id);
  const action = waits[attributes['gatehouse-status']];
  if (action !== undefined) await api.request('POST', `/api/v2/runs/${run.id}/actions/${action}`, {});
}

/** What ends a run that waits for a person. */
const waits: Readonly<Record<string, 'cancel' | 'discard' | undefined>> = {
  awaiting_mfa: 'cancel',
  planned: 'discard',
  planned_and_saved: 'discard',
};

async function brokenLogs(gatehouse: Gatehouse, run: FaultRun, isApplied: boolean): Promise<string[]> {
  const broken: string[] = [];
  for (const phase of phases) {
    const log = await gatehouse.log(run, phase).catch((error: unknown) => String(error));
    const lines = [...log.matchAll(/\(local-exec\): line (\d+)\b/g)].map((match) => Number(match[1]));
    const wrong = lines.findIndex((line, index) => line !== index + 1);
    if (wrong >= 0) broken.push(`${run.name}, ${phase}: line ${lines[wrong]} where ${wrong + 1} belongs`);
    if (phase === 'apply' && isApplied && lines.length !== 2 * linesOfApply) {
      broken.push(`${run.name}, apply: ${lines.length} lines of ${2 * linesOfApply}`);
    }
  }
  return broken;
}

/** What is left when it has had its time to go. */
async function untilNone(read: () => Promise<string[]>, longestMs = longestGoneMs): Promise<string[]> {
  const deadline = Date.now() + longestMs;
  for (;;) {
    const left = await read();
    if (left.length === 0 || Date.now() > deadline) return left;
    await delay(200);
  }
}

/** Keys that belong to the queues themselves, and not to a run. `page-events` is a stream of bounded length. */
const structural =
  /^(page-events|bull:[^:]+:(meta|id|events|stalled-check|marker|stalled|completed|failed|metrics:.*))$/;
/** Whatever goes by itself within the hour is not left behind. */
const longestTtlMs = 3_600_000;
/** What keeps a worker that comes back late from writing into a log that has ended stays longer (ms). */
const endMark = { pattern: /^log:.*:once$/, ttlMs: 7 * 24 * 3_600_000 };

/** Keys that stay for good: no queue's own, no finished job that its queue still remembers, none that expires. */
async function strayKeys(redisUrl: string): Promise<string[]> {
  const redis = connectRedis(redisUrl, { name: 'tally', onError: () => undefined });
  try {
    const remembered = new Set<string>();
    const stray: string[] = [];
    const keys = await redis.keys('*');
    for (const key of keys.filter((name) => /^bull:[^:]+:(completed|failed)$/.test(name))) {
      const queue = key.slice(0, key.lastIndexOf(':'));
      for (const id of await redis.zrange(key, '0', '-1')) remembered.add(`${queue}:${id}`);
    }
    for (const key of keys.filter((name) => !structural.test(name) && !remembered.has(name))) {
      const ttlMs = await redis.pttl(key);
      const longest = endMark.pattern.test(key) ? endMark.ttlMs : longestTtlMs;
      if (ttlMs < 0 || ttlMs > longest) stray.push(`${key}, ${ttlMs} ms`);
    }
    return stray.sort();
  } finally {
    redis.disconnect();
  }
}

async function strayFolders(folder: string, before: ReadonlySet<string>): Promise<string[]> {
  const stray: string[] = [];
  for (const name of (await readdir(folder)).filter((candidate) => !before.has(candidate))) {
    // A state that the api refused, as that of a worker which was given up, is kept there for a person.
    const isKept = name === 'kept-states' && (await readdir(path.join(folder, name))).length > 0;
    if (!isKept) stray.push(name);
  }
  return stray;
}

/** What runs as this user. */
async function processesOf(uid: number): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (new RegExp(`^Uid:.*\\b${uid}\\b`, 'm').test(status))
      found.push(`${pid} ${/^Name:\s*(.*)$/m.exec(status)?.[1]}`);
  }
  return found;
}

async function socketsBelow(folders: readonly string[]): Promise<string[]> {
  const lines = (await readFile('/proc/net/unix', 'utf8')).split('\n');
  return lines
    .map((line) => line.split(' ').at(-1) ?? '')
    .filter((name) => folders.some((folder) => name.includes(folder)));
}
