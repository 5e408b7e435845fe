import { newId } from '@gatehouse/shared/ids';
import { phaseJobId } from '@gatehouse/shared/jobs';
import { Secret } from '@gatehouse/shared/secret';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takePhase } from '../../src/lanes/run-lane.ts';
import type { IssuedSession } from '../../src/sts/session.ts';
import { startEmulator } from '../surroundings/emulator.ts';
import { archiveOf, eventually, openRunStand, type PhaseWishes, type RunStand } from '../surroundings/run-stand.ts';

let stand: RunStand;
beforeAll(async () => {
  stand = await openRunStand();
  stand.startHeart();
});
afterAll(() => stand.close());

const ask =
  'curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"; echo';
/** The second resource takes longer than the session that the apply begins with. */
const slow = (seconds: number) => `
resource "terraform_data" "first" {
  provisioner "local-exec" { command = ${JSON.stringify(ask)} }
}
resource "terraform_data" "second" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = ${JSON.stringify(`echo second begins; sleep ${seconds}; ${ask}`)} }
}
resource "terraform_data" "third" { depends_on = [terraform_data.second] }
`;
const lifeMs = 6_000;

const sessionFor = (accessKeyId: string, expiresInMs: number): IssuedSession => ({
  accessKeyId,
  secretAccessKey: new Secret(`secret-key-of-${accessKeyId}`),
  sessionToken: new Secret(`session-token-of-${accessKeyId}`),
  expiresAt: new Date(Date.now() + expiresInMs),
});

/** An apply that has come to its second resource. */
async function startApply(wishes: PhaseWishes = { aws: { source: 'challenge' } }, seconds = 8) {
  const runId = newId('run');
  stand.api.run(runId).configuration = await archiveOf({ 'main.tf': slow(seconds) });
  await stand.run(runId, 'plan');
  if (wishes.aws?.source === 'challenge') {
    await stand.dependencies.sessions.put(runId, 'apply', sessionFor('ASIAFIRST', lifeMs));
  }
  const claim = await stand.offer(runId, 'apply', wishes);
  const done = takePhase(stand.dependencies, phaseJobId(runId, 'apply'));
  await eventually(async () => (await stand.log(runId, 'apply')).includes('second begins'));
  return { runId, claim, done };
}

/** As the api does when a code was exchanged. */
async function extend(runId: string, claimId: string, session = sessionFor('ASIASECOND', 60_000)): Promise<void> {
  await stand.dependencies.sessions.put(runId, 'apply', session);
  stand.api.tell({ claimId, sequence: 2, lines: ['Authenticated with MFA by `grace`'], isExtended: true });
  await stand.send(runId, 'apply', { news: true });
}

const sessionsOf = (runId: string) =>
  stand.reports.filter(
    (report): report is Extract<WorkerReport, { type: 'session_opened' }> =>
      report.type === 'session_opened' && report.runId === runId && report.phase === 'apply',
  );

const resourcesOf = (state: Buffer | undefined): string[] =>
  JSON.parse(String(state)).resources.map(({ name }: { name: string }) => name);

describe('an apply that is longer than its session', { timeout: 60_000 }, () => {
  test('goes on when a code extends it: the run sees the new session, the api is told, the notes are in the log', async () => {
    const { runId, claim, done } = await startApply();
    stand.api.tell({ claimId: claim.claimId, sequence: 1, lines: ['A code extends it.'], isExtended: false });
    await extend(runId, claim.claimId);
    await done;
    const log = await stand.log(runId, 'apply');
    expect(stand.outcome(runId, 'apply'), log).toMatchObject({ kind: 'finished', resourceAdditions: 3 });
    const inOrder =
      /"AccessKeyId":"ASIAFIRST"[\s\S]*\nA code extends it\.\nAuthenticated with MFA by `grace`\nGatehouse: AWS session ASIASECOND, until 20[\s\S]*"AccessKeyId":"ASIASECOND"/;
    expect(log).toMatch(inOrder);
    expect(log.match(/A code extends it/g)).toHaveLength(1);
    expect(log).not.toMatch(/secret-key-of|session-token-of/);
    const [first, second] = sessionsOf(runId);
    expect([first?.accessKeyId, second?.accessKeyId]).toEqual(['ASIAFIRST', 'ASIASECOND']);
    for (const { asksAt, stopsAt, expiresAt } of [first, second].flatMap((report) => report ?? [])) {
      expect(Date.parse(asksAt ?? '')).toBeLessThan(Date.parse(stopsAt ?? ''));
      expect(Date.parse(stopsAt ?? '')).toBeLessThan(Date.parse(expiresAt ?? ''));
    }
    expect(await stand.sessionKeyExists(runId, 'apply')).toBe(false);
  });

  test('ends before its session does without one: the state is saved, and it says what was done and what is left', async () => {
    const { runId, done } = await startApply();
    await done;
    const outcome = stand.outcome(runId, 'apply');
    const said = '1 of 3 changes was applied; left: terraform_data.second (begun), terraform_data.third.';
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'session_expired' });
    expect(outcome).toHaveProperty('message', expect.stringContaining(said));
    const log = await stand.log(runId, 'apply');
    expect(log).toContain('the AWS session ends; terraform is asked to stop');
    expect(log.trimEnd().split('\n').slice(-2).join('\n')).toContain(said);
    expect(resourcesOf(stand.api.run(runId).state).sort()).toEqual(['first', 'second']);
    expect(Date.now(), 'before the session was over').toBeLessThan(Date.parse(sessionsOf(runId)[0]?.expiresAt ?? ''));
  });

  test('is interrupted when its session is revoked, and has none any more, whatever comes after', async () => {
    const { runId, claim, done } = await startApply();
    // A code was exchanged just before, and its note comes with the same answer as the stop.
    stand.api.stopClaims([{ claimId: claim.claimId, mode: 'interrupt', cause: 'session_revoked' }]);
    await extend(runId, claim.claimId);
    await done;
    stand.api.stopClaims([]);
    const log = await stand.log(runId, 'apply');
    expect(stand.outcome(runId, 'apply')).toMatchObject({
      kind: 'failed',
      reason: 'session_revoked',
      message: expect.stringContaining('1 of 3 changes was applied'),
    });
    expect(log).toContain('an owner revoked the AWS session, which is served no more; terraform is asked to stop');
    expect(log).not.toContain('ASIASECOND');
    expect(sessionsOf(runId)).toHaveLength(1);
    expect(await stand.sessionKeyExists(runId, 'apply')).toBe(false);
    expect(resourcesOf(stand.api.run(runId).state)).toContain('first');
  });

  test('a canceled one says what was done too', async () => {
    const { runId, done } = await startApply();
    await stand.send(runId, 'apply', { mode: 'interrupt' });
    await done;
    expect(stand.outcome(runId, 'apply')).toEqual({ kind: 'canceled', forced: false });
    expect(await stand.log(runId, 'apply')).toContain('Gatehouse: 1 of 3 changes was applied; left:');
  });

  test('with keys that need no code it renews its session by itself', async () => {
    const emulator = await startEmulator();
    stand.dependencies.settings.sts = emulator.sts;
    const claimId = newId('claim');
    const keys = { accessKeyId: emulator.accessKeyId, secretAccessKey: emulator.secretAccessKey };
    const sealedIdentity = await stand.sealer.seal(JSON.stringify(keys), sealedContexts.awsIdentity(claimId));
    const session = { runId: newId('run'), phase: 'apply' as const, durationSeconds: 6, sessionName: 'gatehouse' };
    const { runId, done } = await startApply({ claimId, aws: { source: 'keys', sealedIdentity, session } });
    await done;
    await emulator.close();
    const log = await stand.log(runId, 'apply');
    expect(stand.outcome(runId, 'apply'), log).toMatchObject({ kind: 'finished' });
    expect(log).toContain('the AWS session is renewed; no code is needed for it.');
    const ids = sessionsOf(runId).map(({ accessKeyId }) => accessKeyId);
    expect(new Set(ids).size).toBeGreaterThanOrEqual(3);
    for (const report of sessionsOf(runId)) expect(report.asksAt).toBeNull();
    const served = log.match(/"AccessKeyId":"(\w+)"/g);
    expect(served).toHaveLength(2);
    expect(served?.[0]).not.toBe(served?.[1]);
    expect(log).not.toContain(emulator.secretAccessKey);
  });
});

/** Four kinds of changes, and then one that takes its time. */
const before = `
resource "terraform_data" "updated" { input = "old" }
resource "terraform_data" "replaced" { triggers_replace = "old" }
resource "terraform_data" "destroyed" {}
`;
const after = `
resource "terraform_data" "updated" { input = "new" }
resource "terraform_data" "replaced" { triggers_replace = "new" }
resource "terraform_data" "created" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.updated, terraform_data.replaced, terraform_data.created]
  provisioner "local-exec" { command = "echo slow begins; sleep 30" }
}
`;

test.each([false, true])(
  'an apply that is stopped counts every kind of change (JSON lines: %s)',
  {
    timeout: 60_000,
  },
  async (structuredOutput) => {
    const first = newId('run');
    stand.api.run(first).configuration = await archiveOf({ 'main.tf': before });
    await stand.run(first, 'plan');
    await stand.run(first, 'apply');
    const runId = newId('run');
    stand.api.run(runId).configuration = await archiveOf({ 'main.tf': after });
    const { state } = stand.api.run(first);
    if (state !== undefined) stand.api.run(runId).state = state;
    await stand.run(runId, 'plan', { structuredOutput });
    await stand.offer(runId, 'apply', { structuredOutput });
    const done = takePhase(stand.dependencies, phaseJobId(runId, 'apply'));
    await eventually(async () => (await stand.log(runId, 'apply')).includes('slow begins'));
    // That one depends on nothing, and nothing on it.
    await eventually(async () => /destroyed: Destruction complete/.test(await stand.log(runId, 'apply')));
    await stand.send(runId, 'apply', { mode: 'interrupt' });
    await done;
    expect(await stand.log(runId, 'apply')).toContain(
      'Gatehouse: 4 of 5 changes were applied; left: terraform_data.slow (begun).',
    );
  },
);

test('what a role was found to allow is told with a session that needs no code', async () => {
  const emulator = await startEmulator();
  stand.dependencies.settings.sts = emulator.sts;
  const claimId = newId('claim');
  const runId = newId('run');
  const keys = { accessKeyId: emulator.accessKeyId, secretAccessKey: emulator.secretAccessKey };
  const sealedIdentity = await stand.sealer.seal(JSON.stringify(keys), sealedContexts.awsIdentity(claimId));
  const session = {
    ...{ runId, phase: 'plan' as const, roleArn: emulator.openRoleArn, durationSeconds: 900, sessionName: 'gatehouse' },
    sourceIdentity: 'grace',
    tags: [{ key: 'gatehouse:run', value: runId }],
  };
  stand.api.run(runId).configuration = await archiveOf({ 'main.tf': '' });
  const { outcome, log } = await stand.run(runId, 'plan', {
    claimId,
    aws: { source: 'keys', sealedIdentity, session },
  });
  await emulator.close();
  expect(outcome, log).toMatchObject({ kind: 'finished' });
  expect(stand.reports).toContainEqual(
    expect.objectContaining({
      type: 'session_opened',
      runId,
      trust: expect.objectContaining({ tags: expect.any(Boolean) }),
    }),
  );
});

describe('a session in the environment', () => {
  test('is said to be one that cannot be extended where the phase may outlast it', async () => {
    const runId = newId('run');
    stand.api.run(runId).configuration = await archiveOf({ 'main.tf': 'output "a" { value = 1 }' });
    const wishes: PhaseWishes = { aws: { source: 'challenge' }, awsDelivery: 'environment' };
    await stand.dependencies.sessions.put(runId, 'plan', sessionFor('ASIAPLAIN', 60_000));
    const { log } = await stand.run(runId, 'plan', { ...wishes, timeoutMs: 120_000 });
    expect(log.match(/in its environment, where it cannot be extended or renewed/g)).toHaveLength(1);
    expect(stand.reports).toContainEqual(expect.objectContaining({ accessKeyId: 'ASIAPLAIN', asksAt: null }));

    const again = newId('run');
    stand.api.run(again).configuration = await archiveOf({ 'main.tf': 'output "a" { value = 1 }' });
    await stand.dependencies.sessions.put(again, 'plan', sessionFor('ASIALONG', 600_000));
    expect((await stand.run(again, 'plan', { ...wishes, timeoutMs: 120_000 })).log).not.toContain('cannot be extended');
  });
});
