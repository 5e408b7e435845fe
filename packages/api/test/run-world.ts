import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { passed } from '@gatehouse/shared/aws-findings';
import type { CheckClaim } from '@gatehouse/shared/check-claim';
import type { MfaRejection } from '@gatehouse/shared/error-codes';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { gateJobId, parseCheckJobId, parseGateJobId, queues, tokenCodeKey } from '@gatehouse/shared/jobs';
import { logKey, readLog } from '@gatehouse/shared/log-stream';
import type { MfaLevel } from '@gatehouse/shared/mfa-level';
import { connectRedis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { type ChallengeClaim, sealedContexts } from '@gatehouse/shared/worker-api';
import type { Outcome, WorkerReport } from '@gatehouse/shared/worker-reports';
import { Worker } from 'bullmq';
import { eq } from 'drizzle-orm';
import { startPrivateRedis } from '../../shared/test/private-redis.ts';
import { openFileBlobStore } from '../src/blobs/file-blob-store.ts';
import type { Actor } from '../src/domain/actor.ts';
import { defaultRunSettings, type RunSettings } from '../src/domain/run-settings.ts';
import { openRunParts } from '../src/loops/open-run-parts.ts';
import { bullmqConnection } from '../src/queue/bullmq-connection.ts';
import { claimChallenge } from '../src/services/claim-challenge.ts';
import { claimCheck } from '../src/services/claim-check.ts';
import { claimPhase } from '../src/services/claim-phase.ts';
import { type CreateRunInput, createRun } from '../src/services/create-run.ts';
import { recordWorkerReport } from '../src/services/record-worker-report.ts';
import { createVariable } from '../src/services/set-variable.ts';
import { findChallengeOfPhase, findOpenExtension, latestExtension } from '../src/store/challenges.ts';
import { inTransaction, openDatabase } from '../src/store/database.ts';
import { insertMembership } from '../src/store/memberships.ts';
import { createOrganization } from '../src/store/organizations.ts';
import { type Run, requireRun } from '../src/store/runs.ts';
import { challenges } from '../src/store/schema/challenges.ts';
import { configurationVersions } from '../src/store/schema/workspaces.ts';
import { insertUser } from '../src/store/users.ts';
import {
  createWorkspace,
  newWorkspaceSettings,
  type Workspace,
  type WorkspaceSettings,
} from '../src/store/workspaces.ts';

export const goodSerial = 'arn:aws:iam::123456789012:mfa/olga';
export const goodKeys = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'not/a/real/secret/but/as/long/as/one1234',
};

/** What AWS says of a code; `silence` never answers. */
export type Verdict = 'accept' | 'silence' | { rejection: MfaRejection; awsMessage?: string };

/** What a worker finds out about AWS keys; `silence` never reports. */
export type CheckAnswer = 'silence' | Omit<Extract<WorkerReport, { type: 'check_finished' }>, 'type' | 'checkId'>;
/** A check as a worker has it in hand, with the keys unsealed and the code that came with it. */
export type CheckInHand = { checkId: string; claim: CheckClaim; identity: string; code: string | undefined };

/** Everything is right. */
export const allPassed = ({ claim }: CheckInHand): CheckAnswer => ({
  arn: 'arn:aws:iam::123456789012:user/olga',
  results: [
    passed('keys', 'AWS knows them.'),
    passed('clock', 'It is right.'),
    ...(claim.mfaSerial === undefined ? [] : [passed('device', 'It belongs to them.')]),
    ...(claim.role === undefined ? [] : [passed('role', 'It opens with MFA only.')]),
  ],
});

export const finished = (hasChanges = true): Outcome => ({
  kind: 'finished',
  hasChanges,
  resourceAdditions: 1,
  resourceChanges: 0,
  resourceDestructions: 0,
  resourceImports: 0,
});

/** The run core on a real SQLite and a Redis of its own, with organization `acme`: owner olga, member mia; sam is a stranger. */
export async function startRunWorld(given: Partial<RunSettings> = {}) {
  const redisServer = await startPrivateRedis();
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-runs-'));
  const opened = openDatabase(':memory:');
  const { database } = opened;
  const redis = connectRedis(redisServer.address, { onError: () => undefined });
  const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
  let offsetMs = 0;
  const clock = { now: () => new Date(Date.now() + offsetMs) };
  const settings: RunSettings = { ...defaultRunSettings, publicUrl: 'http://gatehouse.test', ...given };
  const blobs = await openFileBlobStore(path.join(directory, 'blobs'));
  const logged: unknown[] = [];
  const logger = { error: (what: object) => void logged.push(what), warn: (what: object) => void logged.push(what) };
  const common = { database, redis, redisAddress: redisServer.address, sealer, clock, blobs, settings, logger };
  const parts = openRunParts(common);
  const core = { ...common, ...parts, close: undefined };

  function person(username: string): Actor {
    const by = { actor: { userId: null, username: 'test' }, organization: null };
    const values = { username, passwordHash: null, isSiteAdmin: false };
    const user = inTransaction(database, (transaction) => insertUser(transaction, values, by, clock.now()));
    return { userId: user.id, username, isSiteAdmin: false, via: 'token' };
  }
  const [olga, mia, sam] = [person('olga'), person('mia'), person('sam')];
  await createOrganization(database, olga, { name: 'acme', email: 'a@example.com' }, clock.now());
  inTransaction(database, (transaction) =>
    insertMembership(transaction, olga, { organization: 'acme', user: mia, role: 'member' }, clock.now()),
  );

  async function variable(
    key: string,
    value: string,
    more: { workspaceId?: string; category?: 'env' | 'terraform' } = {},
  ) {
    const input = {
      key,
      value,
      category: more.category ?? 'env',
      sensitive: false,
      hcl: false,
      description: '',
    } as const;
    const scope = { organization: 'acme', workspaceId: more.workspaceId ?? null };
    return createVariable(core, olga, scope, input);
  }
  for (const [key, value] of Object.entries(goodKeys)) await variable(key, value);
  await variable('AWS_MFA_SERIAL_NUMBER', goodSerial);

  let count = 0;
  async function workspace(mfaLevel: MfaLevel, more: Partial<WorkspaceSettings> = {}): Promise<Workspace> {
    const workspaceSettings = { ...newWorkspaceSettings, name: `ws-${++count}`, mfaLevel, ...more };
    const made = await createWorkspace(
      database,
      olga,
      { organization: 'acme', settings: workspaceSettings },
      clock.now(),
    );
    configuration(made.id);
    return made;
  }

  function configuration(
    workspaceId: string,
    more: { speculative?: boolean; provisional?: boolean; status?: 'pending' | 'uploaded' } = {},
  ): string {
    const id = newId('configurationVersion');
    const [createdAt, uploadedAt] = [clock.now(), clock.now()];
    const values = { id, workspaceId, status: 'uploaded' as const, createdAt, uploadedAt, ...more };
    database.insert(configurationVersions).values(values).run();
    return id;
  }

  async function run(of: Workspace | { id: string }, more: Partial<CreateRunInput> = {}): Promise<Run> {
    const plain = {
      message: '',
      source: 'tfe-api',
      isDestroy: false,
      refresh: true,
      refreshOnly: false,
      savePlan: false,
    };
    const lists = { targetAddrs: [], replaceAddrs: [], variables: [] };
    return createRun(core, { by: olga, workspaceId: of.id, ...plain, ...lists, ...more });
  }

  async function claim(runId: string, phase: Phase) {
    return claimPhase(core, { runId, phase, workerId: 'worker-1' });
  }

  /** A worker takes the queued phase and reports. */
  async function work(runId: string, phase: Phase, outcome: Outcome = finished()): Promise<Run> {
    const { claimId } = await claim(runId, phase);
    return finish(runId, phase, claimId, outcome);
  }

  /** The worker of this claim reports. */
  async function finish(runId: string, phase: Phase, claimId: string, outcome: Outcome = finished()): Promise<Run> {
    await recordWorkerReport(core, { type: 'phase_finished', runId, phase, claimId, outcome });
    return requireRun(database, runId);
  }

  const asked = (runId: string, phase: Phase) =>
    findOpenExtension(database, runId, phase) ?? findChallengeOfPhase(database, runId, phase);

  /** The worker of this claim has a session, which ends, is to be extended, and stops terraform after so many ms. */
  async function sessionOpened(
    of: { runId: string; phase: Phase; claimId: string },
    session: { accessKeyId?: string; endsInMs?: number; stopsInMs?: number; asksInMs?: number | null } = {},
  ) {
    const { accessKeyId = 'ASIATEST', endsInMs = 3_600_000 } = session;
    const { stopsInMs = endsInMs - 60_000, asksInMs = endsInMs - 600_000 } = session;
    const after = (ms: number) => new Date(clock.now().getTime() + ms).toISOString();
    const { runId, phase, claimId } = of;
    await recordWorkerReport(core, {
      type: 'session_opened',
      runId,
      phase,
      claimId,
      accessKeyId,
      expiresAt: after(endsInMs),
      stopsAt: after(stopsInMs),
      asksAt: asksInMs === null ? null : after(asksInMs),
    });
  }

  /** AWS accepts what the run waits for, without the queue. */
  async function accept(
    runId: string,
    phase: Phase,
    more: { attempt?: number; expiresInMs?: number; accessKeyId?: string } = {},
  ) {
    const challenge = asked(runId, phase);
    const expiresAt = new Date(clock.now().getTime() + (more.expiresInMs ?? 3_600_000)).toISOString();
    await recordWorkerReport(core, {
      type: 'mfa_authenticated',
      challengeId: challenge?.id ?? '',
      attempt: more.attempt ?? challenge?.attempt ?? 0,
      accessKeyId: more.accessKeyId ?? 'ASIATEST',
      expiresAt,
    });
  }

  /** As if somebody had given a code, and (`isClaimed`) a worker had it in hand. Answers the challenge's id. */
  function exchanging(runId: string, phase: Phase, isClaimed = true): string {
    const { id = '', attempt = 0 } = asked(runId, phase) ?? {};
    const now = clock.now();
    database
      .update(challenges)
      .set({
        state: 'exchanging',
        exchangeId: gateJobId(id, attempt),
        exchangeStartedAt: now,
        exchangeClaimedAt: isClaimed ? now : null,
        submittedByName: 'mia',
      })
      .where(eq(challenges.id, id))
      .run();
    return id;
  }

  /** A gate lane as workers have it: real jobs, the sealed code taken once, the claim, one call of AWS. */
  function gateLane(
    aws: (code: string, claim: ChallengeClaim) => Verdict,
    lookAtSetUp: (check: CheckInHand) => CheckAnswer = allPassed,
  ) {
    const calls: { code: string; claim: ChallengeClaim }[] = [];
    const checks: CheckInHand[] = [];
    async function check(checkId: string): Promise<void> {
      const key = tokenCodeKey(checkId, 0);
      const sealedCode = await redis.getdel(key);
      const claimed = await claimCheck(core, { checkId, workerId: 'worker-1' });
      const identity = await sealer.unsealText(claimed.sealedIdentity, sealedContexts.awsIdentity(checkId));
      const code = sealedCode === null ? undefined : await sealer.unsealText(sealedCode, key);
      const inHand = { checkId, claim: claimed, identity, code };
      checks.push(inHand);
      const answer = lookAtSetUp(inHand);
      if (answer !== 'silence') await recordWorkerReport(core, { type: 'check_finished', checkId, ...answer });
    }
    const worker = new Worker(
      queues.gate,
      async (job) => {
        const toCheck = parseCheckJobId(job.id ?? '');
        if (toCheck !== undefined) return check(toCheck.checkId);
        const woken = parseGateJobId(job.id ?? '');
        if (woken === undefined) throw new Error(`foreign job ${job.id}`);
        const key = tokenCodeKey(woken.challengeId, woken.attempt);
        const sealed = await redis.getdel(key);
        if (sealed === null) return recordWorkerReport(core, { type: 'challenge_woke', ...woken });
        const code = await sealer.unsealText(sealed, key);
        const claimed = await claimChallenge(core, { ...woken, workerId: 'worker-1' }).catch((error: unknown) => {
          if (isGatehouseError(error)) return undefined;
          throw error;
        });
        if (claimed === undefined) return;
        calls.push({ code, claim: claimed });
        const verdict = aws(code, claimed);
        if (verdict === 'silence') return;
        for (const { challengeId, attempt } of claimed.targets) {
          if (verdict === 'accept') {
            const expiresAt = new Date(clock.now().getTime() + 3_600_000).toISOString();
            const session = { accessKeyId: 'ASIATEST', expiresAt };
            await recordWorkerReport(core, { type: 'mfa_authenticated', challengeId, attempt, ...session });
          } else {
            await recordWorkerReport(core, { type: 'mfa_rejected', challengeId, attempt, ...verdict });
          }
        }
      },
      { connection: bullmqConnection(redisServer.address, null), concurrency: 4 },
    );
    return { calls, checks, close: () => worker.close() };
  }

  return {
    ...core,
    olga,
    mia,
    sam,
    logged,
    redisServer,
    person,
    variable,
    workspace,
    configuration,
    run,
    claim,
    work,
    finish,
    accept,
    sessionOpened,
    extension: (runId: string, phase: Phase) => latestExtension(database, runId, phase),
    gateLane,
    exchanging,
    status: (runId: string) => requireRun(database, runId).status,
    challenge: (runId: string, phase: Phase) => {
      const challenge = findChallengeOfPhase(database, runId, phase);
      if (challenge === undefined) throw new Error(`Run ${runId} has no challenge of its ${phase}.`);
      return challenge;
    },
    advance: (ms: number) => {
      offsetMs += ms;
    },
    async log(runId: string, phase: Phase): Promise<string> {
      await parts.relay.settled();
      const slice = await readLog(redis, logKey(runId, phase), 0);
      return slice === undefined ? '' : new TextDecoder().decode(slice.bytes);
    },
    async close(): Promise<void> {
      await parts.close();
      redis.disconnect();
      opened.close();
      await redisServer.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type RunWorld = Awaited<ReturnType<typeof startRunWorld>>;
export const code = (text: string) => new Secret(text);
