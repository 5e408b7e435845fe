import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '@gatehouse/shared/ids';
import { cancelChannel, phaseJobId, sessionKey } from '@gatehouse/shared/jobs';
import { logKey, readLog } from '@gatehouse/shared/log-stream';
import type { Phase } from '@gatehouse/shared/run-status';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { type ClaimedVariable, type PhaseClaim, type PhaseMessage, sealedContexts } from '@gatehouse/shared/worker-api';
import type { Outcome, WorkerReport } from '@gatehouse/shared/worker-reports';
import { pino } from 'pino';
import { create } from 'tar';
import { createWorkerApi } from '../../src/api-client/worker-api-client.ts';
import { ActivePhases } from '../../src/lanes/active-phases.ts';
import { createCancelListener } from '../../src/lanes/cancel-listener.ts';
import { type Heart, startHeartbeat } from '../../src/lanes/heartbeat.ts';
import { type RunDependencies, takePhase } from '../../src/lanes/run-lane.ts';
import { KeptStates } from '../../src/phases/kept-states.ts';
import type { PhaseSettings } from '../../src/phases/phase.ts';
import { createSessionStore } from '../../src/sts/session-store.ts';
import { createTerraformFinder } from '../../src/terraform/find-terraform.ts';
import { startRedis } from './redis-server.ts';
import { startWorkerApi } from './worker-api-server.ts';

export type PhaseWishes = Partial<Omit<PhaseClaim, 'phase' | 'runId' | 'sealedVariables'>> & {
  variables?: ClaimedVariable[];
};

/** Everything that a phase touches, real but for the api, which is played. */
export async function openRunStand(
  settings: Partial<PhaseSettings> = {},
  cancelGraceMs = 20_000,
  sealer = createSealer(new Secret(randomBytes(32).toString('base64url'))),
) {
  const server = await startRedis();
  const api = await startWorkerApi();
  const workDir = await mkdtemp(path.join(tmpdir(), 'ghw-'));
  const { redis } = server;
  const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
  const reports: WorkerReport[] = [];
  const workerApi = createWorkerApi({
    apiUrl: api.url,
    workerToken: new Secret(api.workerToken),
    workerId: newId('worker'),
  });
  let heart: Heart | undefined;
  const dependencies: RunDependencies = {
    apiUrl: api.url,
    api: workerApi,
    redis,
    sealer,
    sessions: createSessionStore({ redis, sealer }),
    reporter: {
      async report(report) {
        reports.push(report);
      },
      async close() {},
    },
    cancels: createCancelListener({ subscriber: server.connect(), sealer, logger }),
    active: new ActivePhases(),
    results: {
      async report(report) {
        reports.push(report);
      },
    },
    beatNow: () => heart?.beatNow(),
    keptStates: new KeptStates(workDir, logger),
    cancelGraceMs,
    logger,
    settings: {
      workerName: 'test-worker',
      workDir,
      sandbox: { mode: 'bubblewrap', identity: { uid: 31_000, gid: 31_000 }, egressAllow: [] },
      sts: { endpoint: undefined, region: 'us-east-1' },
      findTerraform: createTerraformFinder({ versionsDir: undefined, searchPath: process.env['PATH'] ?? '' }),
      sessionMarginMs: 1_000,
      stateHoldMs: 10_000,
      ...settings,
    },
  };

  /** For what the api tells phases that run; a whole worker has a heart of its own. */
  function startHeart(): void {
    const { active } = dependencies;
    heart = startHeartbeat({
      api: workerApi,
      logger,
      beat: () => ({
        ...{ name: 'test-worker', version: '1', concurrency: 1, sandbox: 'bubblewrap', draining: false },
        claims: active.claimIds,
        notesSeen: active.notesSeen,
      }),
      onAnswer: (answer) => active.hear(answer),
    });
  }

  /** Makes the phase claimable, with everything that the api would have prepared for it. */
  async function offer(runId: string, phase: Phase, wishes: PhaseWishes = {}): Promise<PhaseClaim> {
    const { variables = [], ...more } = wishes;
    const { claimId = newId('claim') } = wishes;
    const claim: PhaseClaim = {
      claimId,
      jobToken: `job-${randomBytes(16).toString('hex')}`,
      runId,
      phase,
      organization: 'acme',
      workspace: { id: 'ws-1', name: 'prod' },
      createdBy: 'ada',
      terraformVersion: 'latest',
      workingDirectory: '',
      isDestroy: false,
      refresh: true,
      refreshOnly: false,
      planOnly: false,
      structuredOutput: false,
      wantsProviderSchemas: false,
      targetAddrs: [],
      replaceAddrs: [],
      sealedVariables: await sealer.seal(JSON.stringify(variables), sealedContexts.variables(claimId)),
      aws: { source: 'none' },
      extendBeforeMs: 600_000,
      awsDelivery: 'endpoint',
      timeoutMs: 120_000,
      logLimitBytes: 10 * 1024 * 1024,
      ...more,
    };
    api.phaseClaims.set(phaseJobId(runId, phase), claim);
    return claim;
  }

  async function log(runId: string, phase: Phase): Promise<string> {
    const slice = await readLog(redis, logKey(runId, phase), 0, 64 * 1024 * 1024);
    return Buffer.from(slice?.bytes ?? '').toString();
  }

  function outcome(runId: string, phase: Phase): Outcome | undefined {
    const found = reports.find(
      (report) => report.type === 'phase_finished' && report.runId === runId && report.phase === phase,
    );
    return found?.type === 'phase_finished' ? found.outcome : undefined;
  }

  return {
    server,
    redis,
    api,
    sealer,
    workDir,
    reports,
    dependencies,
    startHeart,
    offer,
    log,
    outcome,
    /** Offers the phase and works on it to its end. */
    async run(runId: string, phase: Phase, wishes: PhaseWishes = {}) {
      const claim = await offer(runId, phase, wishes);
      await takePhase(dependencies, phaseJobId(runId, phase));
      return { claim, outcome: outcome(runId, phase), log: await log(runId, phase) };
    },
    async sessionKeyExists(runId: string, phase: Phase): Promise<boolean> {
      return (await redis.exists(sessionKey(runId, phase))) === 1;
    },
    /** As the api tells a phase that runs. */
    async send(runId: string, phase: Phase, message: PhaseMessage): Promise<void> {
      const channel = cancelChannel(runId, phase);
      await redis.publish(channel, await sealer.seal(JSON.stringify(message), channel));
    },
    async close() {
      await heart?.stop();
      await server.close();
      await api.close();
      await rm(workDir, { recursive: true, force: true });
    },
  };
}

export type RunStand = Awaited<ReturnType<typeof openRunStand>>;

/** A configuration as it is uploaded. */
export async function archiveOf(files: Record<string, string>): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghc-'));
  const file = path.join(folder, '..', `${path.basename(folder)}.tar.gz`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  await create({ gzip: true, file, cwd: folder }, ['.']);
  const bytes = await readFile(file);
  await rm(folder, { recursive: true });
  await rm(file);
  return bytes;
}

/** Resolves when `condition` holds; for what has no signal of its own, such as lines in Redis. */
export async function eventually(condition: () => Promise<boolean> | boolean, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come true within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
