import { inspect } from 'node:util';
import { newId } from '@gatehouse/shared/ids';
import { phaseMessage, sealedContexts } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { claimPhase } from '../../src/services/claim-phase.ts';
import { forceCancelRun } from '../../src/services/force-cancel-run.ts';
import { verifyJobToken } from '../../src/services/job-token.ts';
import { recordHeartbeat } from '../../src/services/record-heartbeat.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { listHistory } from '../../src/store/history.ts';
import { requireRun } from '../../src/store/runs.ts';
import { finished, goodKeys, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.close());

const refusal = (code: string) => expect.objectContaining({ code });
const beat = (claims: string[]) =>
  recordHeartbeat(world, {
    workerId: 'worker-1',
    heartbeat: { name: 'w', version: '1', concurrency: 2, sandbox: 'none', draining: false, claims },
  });

describe('a claim of a phase', () => {
  test('is won once, however many ask at once', async () => {
    const run = await world.run(await world.workspace('never'));
    const all = await Promise.allSettled([1, 2, 3, 4].map(() => world.claim(run.id, 'plan')));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all) if (one.status === 'rejected') expect(one.reason).toEqual(refusal('invalid_transition'));
    expect(world.status(run.id)).toBe('planning');
  });

  test('is answered again to the worker that made it and has not heard, until the phase is over', async () => {
    const run = await world.run(await world.workspace('never'));
    const mine = { runId: run.id, phase: 'plan', workerId: 'worker-1', claimId: newId('claim') } as const;
    const first = await claimPhase(world, mine);
    const history = listHistory(world.database, run.id);
    const again = await claimPhase(world, mine);
    const { jobToken, sealedVariables, ...told } = again;
    expect(told).toEqual(expect.objectContaining({ claimId: mine.claimId, timeoutMs: first.timeoutMs }));
    expect(await verifyJobToken(world, jobToken)).toMatchObject({ claimId: mine.claimId });
    expect(await world.sealer.unsealText(sealedVariables, sealedContexts.variables(mine.claimId))).toBe('[]');
    expect(listHistory(world.database, run.id)).toEqual(history);

    const others = [
      { ...mine, workerId: 'worker-2' },
      { ...mine, claimId: newId('claim') },
      { ...mine, phase: 'apply' as const },
    ];
    for (const other of others)
      await expect(claimPhase(world, other)).rejects.toThrowError(refusal('invalid_transition'));
    await world.finish(run.id, 'plan', mine.claimId);
    await expect(claimPhase(world, mine)).rejects.toThrowError(refusal('invalid_transition'));
  });

  test('cannot bear the name of another', async () => {
    const [one, other] = [
      await world.run(await world.workspace('never')),
      await world.run(await world.workspace('never')),
    ];
    const { claimId } = await world.claim(one.id, 'plan');
    const named = { runId: other.id, phase: 'plan', workerId: 'worker-1', claimId } as const;
    await expect(claimPhase(world, named)).rejects.toThrowError(refusal('invalid_transition'));
    expect(world.status(other.id)).toBe('plan_queued');
  });

  test('is refused for a phase that waits for a code, and for the other phase', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    await expect(world.claim(run.id, 'plan')).rejects.toThrowError(refusal('invalid_transition'));
    await expect(world.claim(run.id, 'apply')).rejects.toThrowError(refusal('invalid_transition'));
    await expect(world.claim('run-none', 'plan')).rejects.toThrowError(refusal('not_found'));
  });

  test('brings the pinned variables without the AWS keys, and the keys apart, sealed, when no code is needed', async () => {
    const workspace = await world.workspace('applies_only');
    await world.variable('region', 'eu-west-1', { workspaceId: workspace.id, category: 'terraform' });
    await world.variable('TF_LOG', 'info', { workspaceId: workspace.id });
    const run = await world.run(workspace, { variables: [{ key: 'region', value: '"us-east-1"' }] });
    await world.variable('late', 'unseen', { workspaceId: workspace.id, category: 'terraform' });
    const claim = await world.claim(run.id, 'plan');
    const sealed = await world.sealer.unsealText(claim.sealedVariables, sealedContexts.variables(claim.claimId));
    expect(JSON.parse(sealed)).toEqual([
      { key: 'TF_LOG', value: 'info', category: 'env', hcl: false, sensitive: false },
      { key: 'region', value: '"us-east-1"', category: 'terraform', hcl: true, sensitive: false },
    ]);
    if (claim.aws.source !== 'keys') throw new Error(`The source is ${claim.aws.source}.`);
    const identity = await world.sealer.unsealText(claim.aws.sealedIdentity, sealedContexts.awsIdentity(claim.claimId));
    expect(JSON.parse(identity)).toEqual({
      accessKeyId: goodKeys.AWS_ACCESS_KEY_ID,
      secretAccessKey: goodKeys.AWS_SECRET_ACCESS_KEY,
    });
    expect(claim.aws.session.sessionName).toBe(`olga-${run.id}`);
    expect(inspect(claim, { depth: 9 })).not.toContain(goodKeys.AWS_SECRET_ACCESS_KEY);
  });

  test('of a phase with MFA brings no key at all (M10)', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    world.exchanging(run.id, 'plan');
    await world.accept(run.id, 'plan');
    expect((await world.claim(run.id, 'plan')).aws).toEqual({ source: 'challenge' });
  });

  test('after the session has ended ends the run instead', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    world.exchanging(run.id, 'plan');
    await world.accept(run.id, 'plan', { expiresInMs: -1 });
    await expect(world.claim(run.id, 'plan')).rejects.toThrowError(refusal('invalid_transition'));
    expect(requireRun(world.database, run.id)).toMatchObject({ status: 'errored', endReason: 'session_lost' });
  });

  test('opens what belongs to the phase as long as it runs', async () => {
    const run = await world.run(await world.workspace('never'));
    const { jobToken, claimId } = await world.claim(run.id, 'plan');
    expect(await verifyJobToken(world, jobToken)).toMatchObject({ phase: 'plan', claimId, run: { id: run.id } });
    const forged = await world.sealer.seal(
      JSON.stringify({ runId: run.id, phase: 'plan', claimId, expiresAtMs: 9e15 }),
      'other',
    );
    for (const wrong of [forged, 'nonsense', '', `${jobToken}x`]) {
      await expect(verifyJobToken(world, wrong)).rejects.toThrowError(refusal('unauthorized'));
    }
    await recordWorkerReport(world, {
      type: 'phase_finished',
      runId: run.id,
      phase: 'plan',
      claimId,
      outcome: finished(),
    });
    await expect(verifyJobToken(world, jobToken)).rejects.toThrowError(refusal('unauthorized'));
  });
});

describe('a run that is to stop', () => {
  test('is canceled at once when nothing of it runs', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    const parked = `${world.challenge(run.id, 'plan').id}.0`;
    await world.relay.settled();
    expect(await cancelRun(world, { runId: run.id, comment: 'no more', by: world.mia })).toMatchObject({
      status: 'canceled',
      endReason: 'canceled',
    });
    expect(await world.log(run.id, 'plan')).toContain('Canceled by `mia`.\n\u0003');
    expect([...(await world.queue.jobStates('gate', [parked])).values()]).toEqual(['missing']);
    expect(world.challenge(run.id, 'plan').state).toBe('withdrawn');
    await expect(cancelRun(world, { runId: run.id, comment: '', by: world.mia })).rejects.toThrowError(
      refusal('invalid_transition'),
    );
  });

  test('is interrupted while terraform runs: by a sealed message, and by the heartbeat', async () => {
    const run = await world.run(await world.workspace('never'));
    const { claimId } = await world.claim(run.id, 'plan');
    const heard = new Promise<string>((resolve) => {
      world.redisServer.redis.on('message', (_channel: string, message: string) => resolve(message));
    });
    const channel = `cancel:${run.id}:plan`;
    await world.redisServer.redis.subscribe(channel);
    expect(await beat([claimId])).toEqual({ stop: [], notes: [] });
    await cancelRun(world, { runId: run.id, comment: '', by: world.mia });
    const message = phaseMessage.parse(JSON.parse(await world.sealer.unsealText(await heard, channel)));
    expect(message).toEqual({ mode: 'interrupt', cause: 'canceled' });
    expect(await beat([claimId])).toEqual({ stop: [{ claimId, mode: 'interrupt', cause: 'canceled' }], notes: [] });
    expect(world.status(run.id)).toBe('planning');
    const canceled = { kind: 'canceled', forced: false } as const;
    await recordWorkerReport(world, {
      type: 'phase_finished',
      runId: run.id,
      phase: 'plan',
      claimId,
      outcome: canceled,
    });
    expect(world.status(run.id)).toBe('canceled');
    expect(await beat([claimId, 'claim-unknown'])).toEqual({
      stop: [
        { claimId, mode: 'kill', cause: 'canceled' },
        { claimId: 'claim-unknown', mode: 'kill', cause: 'canceled' },
      ],
      notes: [],
    });
  });

  test('is killed only by an owner, after a cancellation and its grace', async () => {
    const workspace = await world.workspace('never');
    const [run, behind] = [await world.run(workspace), await world.run(workspace)];
    const { claimId } = await world.claim(run.id, 'plan');
    const force = (by = world.olga) => forceCancelRun(world, { runId: run.id, comment: '', by });
    await expect(force()).rejects.toThrowError(refusal('invalid_transition'));
    await cancelRun(world, { runId: run.id, comment: '', by: world.mia });
    await expect(force()).rejects.toThrowError(refusal('invalid_transition'));
    world.advance(10_001);
    await expect(force(world.mia)).rejects.toThrowError(refusal('forbidden'));
    expect(await force()).toMatchObject({ status: 'canceled', endReason: 'force_canceled' });
    expect(world.status(behind.id)).toBe('plan_queued');
    expect(await beat([claimId])).toEqual({ stop: [{ claimId, mode: 'kill', cause: 'canceled' }], notes: [] });
    await recordWorkerReport(world, {
      type: 'phase_finished',
      runId: run.id,
      phase: 'plan',
      claimId,
      outcome: finished(),
    });
    expect(world.status(run.id)).toBe('canceled');
  });
});
