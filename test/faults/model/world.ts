import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MfaLevel } from '@gatehouse/shared/mfa-level';
import { isTerminal, type RunStatus } from '@gatehouse/shared/run-status';
import { readConfig } from '../../../packages/api/src/config.ts';
import { createApiToken } from '../../../packages/api/src/services/create-api-token.ts';
import { createVariable } from '../../../packages/api/src/services/set-variable.ts';
import { inTransaction, openDatabase } from '../../../packages/api/src/store/database.ts';
import { createOrganization } from '../../../packages/api/src/store/organizations.ts';
import { insertUser } from '../../../packages/api/src/store/users.ts';
import { openManualLane, openReportSender } from '../../../packages/api/test/manual-lane.ts';
import type { PrivateRedis } from '../../../packages/shared/test/private-redis.ts';
import { type ApiProcess, startApiProcess } from './api-process.ts';
import { createFakeAws } from './fake-aws.ts';
import { createLogWitness } from './log-witness.ts';
import type { Claim } from './model-worker.ts';
import { openRedisPlug } from './redis-plug.ts';
import { addWorkspace } from './workspaces.ts';

/** What the test knows of a workspace by what it did itself. */
export type KnownWorkspace = {
  id: string;
  name: string;
  organization: string;
  level: MfaLevel;
  /** The last line of history when it was locked; undefined: it is not. */
  lockedSince: number | undefined;
  isDeleted: boolean;
  /** States that were taken, in their order. */
  states: { md5: string; serial: number; runId: string | null }[];
};

/** What the test knows of a run by what it asked for. */
export type KnownRun = {
  id: string;
  /** How it is called in what is said. */
  name: string;
  workspace: KnownWorkspace;
  level: MfaLevel;
  planOnly: boolean;
  savePlan: boolean;
  autoApply: boolean;
  /** Claims that a worker was given, by phase: at most one each. */
  claims: Record<'plan' | 'apply', number>;
};

export type SentCode = { serial: string; code: string; at: number };

/** Both organizations have the same MFA device: AWS takes a code of it once for both. */
export const serial = 'arn:aws:iam::123456789012:mfa/olga';
export const organizations = ['acme', 'beta'] as const;
const keys = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'no/secret/but/as/long/as/one/is/12345678',
};

/** One api, or two, on a store and a Redis of their own, a clock that the test turns, and what the test knows by itself. */
export async function openWorld(redisServer: PrivateRedis, limbo: PrivateRedis) {
  const { address, redis } = redisServer;
  await redis.flushall();
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-model-'));
  const config = readConfig({
    GATEHOUSE_SEALING_KEY: randomBytes(32).toString('base64url'),
    GATEHOUSE_WORKER_TOKEN: randomBytes(32).toString('base64url'),
    GATEHOUSE_MAX_LAG_MS: '0',
    GATEHOUSE_DATA_DIR: directory,
    GATEHOUSE_PUBLIC_URL: 'http://gatehouse.test',
    REDIS_URL: address,
  });
  let nowMs = Date.parse('2026-03-01T12:00:00Z');
  let latestMs = nowMs;
  const clock = { now: () => new Date(nowMs) };
  const complaints: string[] = [];
  const said: string[] = [];
  let started = 0;
  async function start(): Promise<ApiProcess> {
    const redisUrls = { real: address, limbo: limbo.address };
    const plug = await openRedisPlug(path.join(directory, `redis-${++started}`), redisUrls);
    return startApiProcess(config, plug, clock, (line) => void complaints.push(line));
  }
  const first = await start();
  // The test's own look at the store, which survives every crash.
  const eye = openDatabase(path.join(directory, 'gatehouse.db'));

  const by = { actor: { userId: null, username: 'test' }, organization: null };
  const user = inTransaction(eye.database, (transaction) =>
    insertUser(transaction, { username: 'olga', passwordHash: null, isSiteAdmin: true }, by, clock.now()),
  );
  const olga = { userId: user.id, username: 'olga', isSiteAdmin: true, via: 'token' } as const;
  const core = { ...first.parts, database: eye.database };
  const { token } = await createApiToken(core, olga, { description: 'test', expiresAt: null });
  for (const name of organizations) {
    await createOrganization(eye.database, olga, { name, email: 'a@example.com' }, clock.now());
    for (const [key, value] of Object.entries({ ...keys, AWS_MFA_SERIAL_NUMBER: serial })) {
      const variable = { key, value, category: 'env', sensitive: false, hcl: false, description: '' } as const;
      await createVariable(core, olga, { organization: name, workspaceId: null }, variable);
    }
  }

  const world = {
    redis,
    database: eye.database,
    olga,
    clock,
    said,
    complaints,
    workerToken: config.workerToken,
    sealer: first.parts.sealer,
    planArtifacts: first.parts.planArtifacts,
    blobs: first.parts.blobs,
    aws: createFakeAws(),
    logs: createLogWitness(),
    lanes: { gate: openManualLane(address, 'gate'), runs: openManualLane(address, 'runs') },
    reports: openReportSender(address, first.parts.sealer),
    apis: [first] as ApiProcess[],
    start,
    workspaces: [] as KnownWorkspace[],
    runs: [] as KnownRun[],
    claims: [] as Claim[],
    /** States of applies that ran, in their order, which the api would not take. */
    refusedStates: [] as string[],
    /** Codes that the api took for an exchange, by its id. */
    sentCodes: new Map<string, SentCode>(),
    /** Jobs that a worker took or Redis lost, which the sweep has not seen to since. */
    excusedJobs: new Set<string>(),
    /** Jobs that a worker took: Redis remembers their ids, and takes none of them again. */
    takenJobs: new Set<string>(),
    /** Jobs that somebody claimed past: a worker finds them and is refused. */
    strayJobs: new Set<string>(),
    token: token.reveal(),

    /** The first process, which answers requests; undefined while none runs. */
    api: (): ApiProcess | undefined => world.apis[0],
    say: (sentence: string) => void said.push(sentence),
    /** The latest time that the clock has shown. */
    latest: () => latestMs,
    turnClock(ms: number): void {
      nowMs += ms;
      latestMs = Math.max(latestMs, nowMs);
    },
    /** To a time that no part of the world has seen yet. */
    turnClockPast(ms: number): void {
      latestMs += ms;
      nowMs = latestMs;
    },
    rows: <Row>(statement: string): Row[] => eye.database.all<Row>(statement),
    status(runId: string): RunStatus | undefined {
      return world.rows<{ status: RunStatus }>(`select status from runs where id = '${runId}'`)[0]?.status;
    },
    isOver(runId: string): boolean {
      const status = world.status(runId);
      return status === undefined || isTerminal(status);
    },
    async close(): Promise<void> {
      await Promise.all(world.apis.map((api) => api.stop()));
      await Promise.all([world.lanes.gate.close(), world.lanes.runs.close(), world.reports.close()]);
      eye.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  for (const organization of ['acme', 'acme', 'beta'] as const) await addWorkspace(world, organization);
  return world;
}

export type World = Awaited<ReturnType<typeof openWorld>>;
