import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { claimChallenge } from '../../src/services/claim-challenge.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { findRoleTrust } from '../../src/store/role-trusts.ts';
import { detailsOf } from '../../src/store/run-details.ts';
import { requireRun } from '../../src/store/runs.ts';
import { changeWorkspace, type Workspace, type WorkspaceSettings } from '../../src/store/workspaces.ts';
import { code, goodKeys, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000 });
});
afterAll(() => world.close());

let roles = 0;
const newRole = () => `arn:aws:iam::123456789012:role/deploy-${++roles}`;
const accessKeyId = goodKeys.AWS_ACCESS_KEY_ID;
const readOnly = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];

/** What a worker with the code in hand is told to ask for. */
async function asked(runId: string, phase: 'plan' | 'apply') {
  world.exchanging(runId, phase, false);
  const { id, attempt } = world.challenge(runId, phase);
  const { targets } = await claimChallenge(world, { challengeId: id, attempt, workerId: 'worker-1' });
  return targets[0]?.session;
}

async function setup(more: Partial<WorkspaceSettings> = {}) {
  const roleArn = newRole();
  const workspace = await world.workspace('plans_and_applies', { roleArn, ...more });
  return { roleArn, workspace, run: await world.run(workspace) };
}

/** Runs whose plans took so long, from their queueing on; half minutes, since the clock goes on by itself as well. */
async function earlierPlans(workspace: Workspace, minutes: readonly number[]) {
  for (const each of minutes) {
    const run = await world.run(workspace, { planOnly: true });
    const { claimId } = await world.claim(run.id, 'plan');
    world.advance(each * 60_000);
    await world.finish(run.id, 'plan', claimId);
  }
}

describe('what a session may do, and whose it is', () => {
  test('a plan only reads, an apply has the whole role; both say who, for what and where', async () => {
    const { roleArn, workspace, run } = await setup();
    const plan = await asked(run.id, 'plan');
    expect(plan).toEqual({
      runId: run.id,
      phase: 'plan',
      roleArn,
      durationSeconds: 3600,
      policyArns: readOnly,
      sessionName: `mia-${run.id}`,
      sourceIdentity: 'mia',
      tags: [
        { key: 'gatehouse:user', value: 'mia' },
        { key: 'gatehouse:run', value: run.id },
        { key: 'gatehouse:workspace', value: `acme/${workspace.name}` },
      ],
    });
    await world.accept(run.id, 'plan');
    await world.work(run.id, 'plan');
    const apply = await asked(run.id, 'apply');
    expect(apply).not.toHaveProperty('policyArns');
    expect(apply).not.toHaveProperty('sessionPolicy');
    expect(apply).toMatchObject({ roleArn, sourceIdentity: 'mia' });
  });

  test('the policies are those of the workspace when the run was made', async () => {
    const planPolicyArns = ['arn:aws:iam::123456789012:policy/plans'];
    const planSessionPolicy = '{"Version":"2012-10-17","Statement":[]}';
    const both = await setup({ planPolicyArns, planSessionPolicy });
    expect(await asked(both.run.id, 'plan')).toMatchObject({
      policyArns: planPolicyArns,
      sessionPolicy: planSessionPolicy,
    });
    const inline = await asked((await setup({ planSessionPolicy })).run.id, 'plan');
    expect(inline).toMatchObject({ sessionPolicy: planSessionPolicy });
    expect(inline).not.toHaveProperty('policyArns');
    expect(await asked((await setup({ planPolicyArns: [] })).run.id, 'plan')).not.toHaveProperty('policyArns');
  });

  test('without a role AWS takes none of it', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    const session = await asked(run.id, 'plan');
    expect(session).toEqual({ runId: run.id, phase: 'plan', durationSeconds: 3600, sessionName: `mia-${run.id}` });
  });

  test('a phase without a code bears the name of who queued it', async () => {
    const roleArn = newRole();
    const run = await world.run(await world.workspace('never', { roleArn }));
    const { aws } = await world.claim(run.id, 'plan');
    expect(aws).toMatchObject({
      source: 'keys',
      session: { roleArn, policyArns: readOnly, sourceIdentity: 'olga', tags: [{ value: 'olga' }, {}, {}] },
    });
  });
});

describe('what a role allows', () => {
  const remembered = (roleArn: string, key = accessKeyId) =>
    findRoleTrust(world.database, { organization: 'acme', roleArn, accessKeyId: key });
  const authenticated = (runId: string, trust: { tags: boolean; sourceIdentity: boolean }) => {
    world.exchanging(runId, 'plan');
    const { id: challengeId, attempt } = world.challenge(runId, 'plan');
    const session = { accessKeyId: 'ASIATEST', expiresAt: new Date(Date.now() + 86_400_000).toISOString() };
    const seen = { ...trust, accessKeyId };
    return recordWorkerReport(world, { type: 'mfa_authenticated', challengeId, attempt, ...session, trust: seen });
  };

  test('is remembered by role and keys, and the next session is told', async () => {
    const { roleArn, workspace, run } = await setup();
    await authenticated(run.id, { tags: true, sourceIdentity: false });
    expect(remembered(roleArn)).toEqual({ tags: true, sourceIdentity: false });
    expect(remembered(roleArn, 'AKIAIOSFODNN7OTHERXX')).toBeUndefined();
    expect(remembered(newRole())).toBeUndefined();
    const next = await world.run(workspace, { planOnly: true });
    expect(await asked(next.id, 'plan')).toMatchObject({ trust: { tags: true, sourceIdentity: false } });
    await authenticated(next.id, { tags: true, sourceIdentity: true });
    expect(remembered(roleArn)).toEqual({ tags: true, sourceIdentity: true });
  });

  test('is forgotten when AWS denies a session, and kept when it refuses a code', async () => {
    const { roleArn, workspace, run } = await setup();
    await authenticated(run.id, { tags: true, sourceIdentity: true });
    const next = await world.run(workspace, { planOnly: true });
    for (const rejection of ['mfa_rejected', 'sts_unreachable', 'session_too_long', 'sts_denied'] as const) {
      expect(remembered(roleArn), rejection).toBeDefined();
      world.exchanging(next.id, 'plan');
      const { id: challengeId, attempt } = world.challenge(next.id, 'plan');
      await recordWorkerReport(world, { type: 'mfa_rejected', challengeId, attempt, rejection });
    }
    expect(remembered(roleArn)).toBeUndefined();
    expect(await asked(next.id, 'plan')).not.toHaveProperty('trust');
  });

  test('is learnt from sessions without a code, and not from a claim that is over', async () => {
    const roleArn = newRole();
    const run = await world.run(await world.workspace('never', { roleArn }));
    const { claimId } = await world.claim(run.id, 'plan');
    const opened = (claim: string) =>
      recordWorkerReport(world, {
        ...({ type: 'session_opened', runId: run.id, phase: 'plan', claimId: claim } as const),
        ...{ accessKeyId: 'ASIATEST', expiresAt: null, stopsAt: null, asksAt: null },
        trust: { tags: false, sourceIdentity: true, accessKeyId },
      });
    await opened('claim-other');
    expect(remembered(roleArn)).toBeUndefined();
    await opened(claimId);
    expect(remembered(roleArn)).toEqual({ tags: false, sourceIdentity: true });
  });

  test('a session of the keys themselves shows nothing of a role', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    await authenticated(run.id, { tags: true, sourceIdentity: true });
    expect(world.status(run.id)).toBe('plan_queued');
  });
});

describe('how long a session lasts', () => {
  const planned = (runId: string) => {
    const details = detailsOf(world.database, requireRun(world.database, runId));
    return details.plannedSessions.get(world.challenge(runId, 'plan').id);
  };

  test('as long as earlier plans took, from their queueing on, with a margin', async () => {
    const workspace = await world.workspace('applies_only');
    await earlierPlans(workspace, [29.5, 39.5]);
    const before = await world.run(workspace, { planOnly: true });
    expect((await world.claim(before.id, 'plan')).aws).toMatchObject({ session: { durationSeconds: 3600 } });
    await earlierPlans(workspace, [79.5]);
    const after = await world.run(workspace, { planOnly: true });
    expect((await world.claim(after.id, 'plan')).aws).toMatchObject({ session: { durationSeconds: 105 * 60 } });
  });

  test('the last fifty count, and those that failed do not, but for one that its session cut short', async () => {
    const workspace = await world.workspace('applies_only');
    const end = async (minutes: number, reason: 'terraform_failed' | 'session_expired') => {
      const run = await world.run(workspace, { planOnly: true });
      const { claimId } = await world.claim(run.id, 'plan');
      world.advance(minutes * 60_000);
      await world.finish(run.id, 'plan', claimId, { kind: 'failed', reason, message: '' });
    };
    const duration = async () => {
      const { aws } = await world.claim((await world.run(workspace, { planOnly: true })).id, 'plan');
      return aws.source === 'keys' ? aws.session.durationSeconds / 60 : undefined;
    };
    await earlierPlans(workspace, [200, 200, 200]);
    await earlierPlans(workspace, Array(50).fill(19.5));
    await end(500, 'terraform_failed');
    expect(await duration()).toBe(30);
    await end(117.5, 'session_expired');
    await end(117.5, 'session_expired');
    await end(117.5, 'session_expired');
    expect(await duration()).toBe(152);
  });

  test('what was set is asked for', async () => {
    const length = { sessionDurationAutomatic: false, sessionDurationSeconds: 7200 };
    const { run } = await setup(length);
    expect(await asked(run.id, 'plan')).toMatchObject({ durationSeconds: 7200 });
  });

  test('a wait says before the code that it will not be enough: in the log, and as what is planned', async () => {
    const roleArn = newRole();
    const free = await world.workspace('applies_only', { roleArn });
    await earlierPlans(free, [99.5, 109.5, 104.5]);
    const { database } = world;
    await changeWorkspace(database, world.olga, free, { mfaLevel: 'plans_and_applies' }, world.clock.now());
    const run = await world.run(free);
    const log = await world.log(run.id, 'plan');
    expect(log).toContain(
      'Plans here took up to 1 h 50 min; AWS gives this role 1 h: you may be asked for another code',
    );
    expect(planned(run.id)).toMatchObject({
      durationSeconds: 3600,
      limitSeconds: 3600,
      expectedSeconds: 142 * 60,
      isEnough: false,
    });
    world.exchanging(run.id, 'plan');
    await world.accept(run.id, 'plan');
    expect(planned(run.id), 'nothing is planned once there is a session').toBeUndefined();

    const quiet = await world.run(await world.workspace('plans_and_applies', { roleArn }));
    expect(planned(quiet.id)).toMatchObject({ durationSeconds: 3600, expectedSeconds: null, isEnough: true });
    expect(await world.log(quiet.id, 'plan')).not.toContain('took up to');
  });
});

test('each run of a batch is asked for with its own policies, name and length', async () => {
  const lane = world.gateLane(() => 'accept');
  try {
    const one = await setup();
    const other = await setup({ planPolicyArns: [], sessionDurationAutomatic: false, sessionDurationSeconds: 1800 });
    const runIds = [one.run.id, other.run.id];
    const input = { organization: 'acme', runIds, tokenCode: code('424242'), by: world.mia };
    const outcomes = await authenticateRuns(world, input);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['authenticated', 'authenticated']);
    const sessions = lane.calls[0]?.claim.targets.map(({ session }) => session);
    expect(sessions).toMatchObject([
      { roleArn: one.roleArn, policyArns: readOnly, durationSeconds: 3600, sourceIdentity: 'mia' },
      { roleArn: other.roleArn, durationSeconds: 1800, sourceIdentity: 'mia' },
    ]);
    expect(sessions?.[1]).not.toHaveProperty('policyArns');
    expect(sessions?.map(({ tags }) => tags?.[1]?.value)).toEqual(runIds);
  } finally {
    await lane.close();
  }
});

test('keys that are a session already get a role for an hour', async () => {
  const { workspace, run } = await setup({
    roleMaxSessionSeconds: 43_200,
    sessionDurationAutomatic: false,
    sessionDurationSeconds: 7200,
  });
  expect(await asked(run.id, 'plan')).toMatchObject({ durationSeconds: 7200 });
  await world.variable('AWS_SESSION_TOKEN', 'a-token', { workspaceId: workspace.id });
  const other = await world.run(workspace, { planOnly: true });
  expect(await asked(other.id, 'plan')).toMatchObject({ durationSeconds: 3600 });
});
