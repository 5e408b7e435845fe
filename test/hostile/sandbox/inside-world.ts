import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll } from 'vitest';
import { type WorkerUser, workerUsers } from '../../../packages/worker/test/sandbox/worker-users.ts';
import { type FaultWorld, startFaultWorld } from '../../faults/fault-world.ts';
import { listenOnLoopback } from '../../faults/loopback.ts';
import { takeUser } from '../../faults/own-user.ts';
import { isWholeSuite } from '../../suites/suite.ts';

export type InsideWorld = FaultWorld & {
  /** Where the worker has the folders of its runs. */
  folders: string;
  /** Applies a configuration that attacks, and gives the lines that its commands printed. */
  attack(name: string, files: Record<string, string>, environment?: Record<string, string>): Promise<string[]>;
};

/** The users that a worker can be here; a machine whose files nobody else can reach has one. */
export const users = await workerUsers();

/** Gives `use` one of its own before the first row of a `describe`, and stops it after the last. */
export function withInsideWorld(user: WorkerUser, use: (world: InsideWorld) => void): void {
  let world: InsideWorld | undefined;
  beforeAll(async () => {
    if (!isWholeSuite) return;
    world = await startInsideWorld(user);
    use(world);
  }, 120_000);
  afterAll(() => world?.stop());
}

/** A Gatehouse whose worker was started as this user, for runs that attack it. */
async function startInsideWorld(user: WorkerUser): Promise<InsideWorld> {
  const uid = takeUser();
  const folders = await mkdtemp(path.join(tmpdir(), 'gh-inside-'));
  await chown(folders, uid, uid);
  const setpriv = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--inh-caps=-all'];
  const isRoot = user.uid === undefined;
  const world = await startFaultWorld({
    workers: 0,
    ...(isRoot ? {} : { workerPrefix: [...setpriv, '--pdeathsig', 'KILL', '--'], sandboxUid: uid }),
  });
  const { stack } = world;
  const relay = await listenOnLoopback(
    createServer((near) => {
      const far = connect(path.join(stack.dataDirectory, 'redis.sock'));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => other.destroy());
        one.once('close', () => other.destroy());
        one.pipe(other);
      }
    }),
  );
  const secret = async (name: string) =>
    (await readFile(path.join(stack.dataDirectory, 'secrets', name), 'utf8')).trim();
  // As such a worker is given them in a container: nobody else's files are open to it.
  const environment = {
    GATEHOUSE_SEALING_KEY: await secret('sealing-key'),
    GATEHOUSE_WORKER_TOKEN: stack.dev.workerToken,
    REDIS_URL: `redis://127.0.0.1:${relay.port}`,
  };
  await stack.addWorker({ GATEHOUSE_WORK_DIR: folders, ...(isRoot ? {} : environment) });

  return {
    ...world,
    folders,
    async attack(name, files, variables = {}) {
      const workspaceId = await world.workspace(name, { 'mfa-level': 'never', 'auto-apply': true });
      for (const [key, value] of Object.entries(variables)) await world.setVariable(workspaceId, key, value);
      const run = await world.queueRun(workspaceId, files);
      await waitForRun(world.api, run.id, ['applied'], 120_000);
      return printed(await world.log(run, 'apply'));
    },
    async stop() {
      await world.stop();
      await relay.close();
      await rm(folders, { recursive: true, force: true });
    },
  };
}

/** What provisioners have printed, without what terraform puts before it. */
export function printed(log: string): string[] {
  return log.split('\n').flatMap((line) => /\(local-exec\): (.*)$/.exec(line)?.[1] ?? []);
}

/** A configuration whose apply runs a script, as a provisioner. */
export function provisioned(script: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    'main.tf': `
resource "terraform_data" "attack" {
  provisioner "local-exec" { command = "bash attack.sh 2>&1" }
}
`,
    'attack.sh': script,
    ...more,
  };
}
