import { inspect } from 'node:util';
import { acceptedIdentities } from '@gatehouse/shared/mfa-level';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { and, eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import { raiseExtensions } from '../../src/loops/raise-extensions.ts';
import { remindOfWaits } from '../../src/loops/remind-of-waits.ts';
import { answeringDevices, deviceHolderOf } from '../../src/services/answering-devices.ts';
import type { DeviceOwner } from '../../src/services/answering-identity.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { listAuditRecords } from '../../src/store/audit.ts';
import { findIdentityOf, identitiesOfOrganization, removeAwsIdentity } from '../../src/store/aws-identities.ts';
import { detailsOf } from '../../src/store/run-details.ts';
import { phaseNotes } from '../../src/store/schema/challenges.ts';
import { variables } from '../../src/store/schema/variables.ts';
import type { WorkspaceSettings } from '../../src/store/workspaces.ts';
import { deviceOf, keyOf, registerOwn, secretOf, userOf } from '../own-devices.ts';
import { code, goodKeys, goodSerial, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: () => Verdict = () => 'accept';
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 5_000, mfaTries: 3 });
  lane = world.gateLane(() => verdict());
});
afterEach(() => {
  verdict = () => 'accept';
  lane.calls.length = 0;
  for (const identity of identitiesOfOrganization(world.database, 'acme')) {
    removeAwsIdentity(world.database, world.olga, identity, world.clock.now());
  }
});
afterAll(async () => {
  await lane.close();
  await world.close();
});

type Accepted = WorkspaceSettings['acceptedIdentities'];
let next = 300_000;
const fresh = () => code(String(next++));
const waiting = async (accepted: Accepted) =>
  world.run(await world.workspace('plans_and_applies', { acceptedIdentities: accepted }));
const submit = (
  runId: string,
  by: Actor,
  more: { device?: DeviceOwner; tokenCode?: ReturnType<typeof fresh>; with?: Partial<RunWorld> } = {},
) =>
  authenticateRun({ ...world, ...more.with }, { runId, tokenCode: more.tokenCode ?? fresh(), device: more.device, by });
const refusal = (errorCode: string, words = '') =>
  expect.objectContaining({ code: errorCode, message: expect.stringContaining(words) });

/** With which device and keys AWS was asked, one call after another. */
async function exchanged() {
  return Promise.all(
    lane.calls.map(async ({ claim }) => {
      const context = sealedContexts.awsIdentity(claim.targets[0]?.challengeId ?? '');
      const keys = JSON.parse(await world.sealer.unsealText(claim.sealedIdentity, context));
      return { serial: claim.mfaSerial, key: keys.accessKeyId, secret: keys.secretAccessKey };
    }),
  );
}
const shared = {
  serial: goodSerial,
  key: goodKeys.AWS_ACCESS_KEY_ID,
  secret: goodKeys.AWS_SECRET_ACCESS_KEY,
};
const of = (name: string) => ({ serial: deviceOf(name), key: keyOf(name), secret: secretOf(name) });

/** `work` happens when the code is laid out, before a worker is woken. */
const meanwhile = (work: () => unknown): { with: Partial<RunWorld> } => ({
  with: {
    queue: {
      ...world.queue,
      wakeChallenge: async (...of: Parameters<RunWorld['queue']['wakeChallenge']>) => {
        await work();
        return world.queue.wakeChallenge(...of);
      },
    },
  },
});
const ownOf = ({ userId }: Actor) => findIdentityOf(world.database, { organization: 'acme', userId });
function remove(actor: Actor): void {
  const identity = ownOf(actor);
  if (identity === undefined) throw new Error('none registered');
  removeAwsIdentity(world.database, actor, identity, world.clock.now());
}
async function auditOf(runId: string) {
  return (await listAuditRecords(world.database, 'acme', { run: runId }, { limit: 9, offset: 0 })).records;
}

test('two people answer two runs with their own devices; keys, log and audit are of the right one each time', async () => {
  await registerOwn(world, world.mia);
  await registerOwn(world, world.olga, { name: 'olga-own' });
  const runs = [await waiting('both'), await waiting('members')] as const;
  await submit(runs[0].id, world.mia);
  await submit(runs[1].id, world.olga);
  expect(await exchanged()).toEqual([of('mia'), of('olga-own')]);
  expect(lane.calls.map(({ claim }) => claim.targets[0]?.session.sessionName.split('-run-')[0])).toEqual([
    'mia',
    'olga',
  ]);
  const log = await world.log(runs[0].id, 'plan');
  expect(log).toContain(
    'Authenticated with MFA by `mia`\n' +
      "AWS identity: arn:aws:iam::********9012:user/mia, device …9012:mfa/mia (mia's own)\n",
  );
  expect(await world.log(runs[1].id, 'plan')).toContain("user/olga-own, device …9012:mfa/olga-own (olga's own)\n");
  expect([await auditOf(runs[0].id), await auditOf(runs[1].id)]).toMatchObject([
    [{ actorName: 'mia', details: { identity: 'own', principalArn: userOf('mia'), mfaSerial: deviceOf('mia') } }],
    [{ actorName: 'olga', details: { identity: 'own', principalArn: userOf('olga-own') } }],
  ]);
  const everything = ['challenges', 'aws_identities', 'outbox', 'run_history', 'audit_records'].map((table) =>
    world.database.all<Record<string, unknown>>(`select * from ${table}`),
  );
  const told = inspect([everything, log, world.logged], { depth: 9, maxArrayLength: null, maxStringLength: null });
  for (const name of ['mia', 'olga-own']) expect(told).not.toContain(secretOf(name));
});

test("the organization's device is named as such", async () => {
  const run = await waiting('both');
  await submit(run.id, world.mia);
  expect(await exchanged()).toEqual([shared]);
  expect(await world.log(run.id, 'plan')).toContain(
    "Authenticated with MFA by `mia`\nAWS identity: device …9012:mfa/olga (the organization's)\n",
  );
  expect(await auditOf(run.id)).toMatchObject([{ details: { identity: 'organization', mfaSerial: goodSerial } }]);
});

describe('with which keys a code is exchanged', () => {
  // What is accepted × whether mia has registered her own × what she names → whose keys, or which refusal.
  const own = of('mia');
  test.each([
    ['organization', false, undefined, shared],
    ['organization', false, 'own', 'invalid_request'],
    ['organization', true, undefined, shared],
    ['organization', true, 'organization', shared],
    ['organization', true, 'own', 'invalid_request'],
    ['members', false, undefined, 'aws_identity_missing'],
    ['members', false, 'own', 'aws_identity_missing'],
    ['members', true, undefined, own],
    ['members', true, 'own', own],
    ['members', true, 'organization', 'invalid_request'],
    ['both', false, undefined, shared],
    ['both', false, 'own', 'aws_identity_missing'],
    ['both', true, undefined, own],
    ['both', true, 'own', own],
    ['both', true, 'organization', shared],
  ] as const)('%s accepted, registered: %s, named: %s', async (accepted, isRegistered, device, outcome) => {
    await registerOwn(world, world.olga, { name: 'olga-own' });
    const run = await waiting(accepted);
    if (isRegistered) await registerOwn(world, world.mia);
    const challenge = world.challenge(run.id, 'plan');
    const answer = submit(run.id, world.mia, device === undefined ? {} : { device });
    if (typeof outcome === 'string') {
      await expect(answer).rejects.toThrowError(refusal(outcome));
      expect([lane.calls, world.challenge(run.id, 'plan').triesLeft]).toEqual([[], 3]);
    } else {
      await answer;
      expect(await exchanged()).toEqual([outcome]);
    }
    // The default is what the page shows first.
    const [first] = answeringDevices(run, challenge, deviceHolderOf(world.database, world.mia));
    if (device === undefined) expect(first?.mfaSerial).toBe(typeof outcome === 'string' ? undefined : outcome.serial);
  });

  test('who has none is told where to register, a token of a team that a person must', async () => {
    await registerOwn(world, world.olga, { name: 'olga-own' });
    const run = await waiting('members');
    await expect(submit(run.id, world.mia)).rejects.toThrowError(refusal('aws_identity_missing', 'your account page'));
    await expect(submit(run.id, { ...world.mia, via: 'team-token' })).rejects.toThrowError(
      refusal('aws_identity_missing', 'a person with a registered device'),
    );
    expect(detailsOf(world.database, run).whoMayAuthenticate).toEqual(['olga']);
  });

  test('those of the one who gives it, whoever tried before', async () => {
    await registerOwn(world, world.mia);
    await registerOwn(world, world.olga, { name: 'olga-own' });
    const run = await waiting('both');
    verdict = () => ({ rejection: 'mfa_rejected' });
    await expect(submit(run.id, world.mia)).rejects.toThrowError(refusal('mfa_rejected'));
    // What is asked for is not what was tried last.
    const shown = answeringDevices(run, world.challenge(run.id, 'plan'), deviceHolderOf(world.database, world.olga));
    expect(shown.map(({ mfaSerial }) => mfaSerial)).toEqual([deviceOf('olga-own'), goodSerial]);
    verdict = () => 'accept';
    await submit(run.id, world.olga);
    expect(await exchanged()).toEqual([of('mia'), of('olga-own')]);
  });
});

describe('keys that change while a code is on its way', () => {
  test('are exchanged with as they are then, where the device is the same', async () => {
    await registerOwn(world, world.mia);
    const run = await waiting('members');
    await submit(
      run.id,
      world.mia,
      meanwhile(() => registerOwn(world, world.mia, { key: 'rotated' })),
    );
    expect(await exchanged()).toEqual([{ ...of('rotated'), serial: deviceOf('mia') }]);
    expect(world.status(run.id)).toBe('plan_queued');
  });

  test.each([
    ['were removed', () => remove(world.mia)],
    ['have another device', () => registerOwn(world, world.mia, { name: 'elsewhere' })],
  ])('and %s lose the code, which costs no try', async (_what, work) => {
    await registerOwn(world, world.mia);
    const run = await waiting('both');
    await expect(submit(run.id, world.mia, meanwhile(work))).rejects.toThrowError(
      refusal('aws_identity_gone', 'removed or replaced'),
    );
    expect(lane.calls).toEqual([]);
    expect(world.challenge(run.id, 'plan')).toMatchObject({ state: 'awaiting', triesLeft: 3, attempt: 1 });
    expect(await world.log(run.id, 'plan')).toContain('Code of `mia` refused. The AWS keys of the device');
    await submit(run.id, world.mia, { device: 'organization' });
    expect(world.status(run.id)).toBe('plan_queued');
  });

  test('and are removed when AWS has the code release the run all the same; the audit names what is known', async () => {
    await registerOwn(world, world.mia);
    const run = await waiting('members');
    verdict = () => {
      remove(world.mia);
      return 'accept';
    };
    await submit(run.id, world.mia);
    expect(world.status(run.id)).toBe('plan_queued');
    const [record] = await auditOf(run.id);
    expect(record?.details).toMatchObject({ identity: 'own', mfaSerial: deviceOf('mia') });
    expect(record?.details).not.toHaveProperty('principalArn');
    expect(await world.log(run.id, 'plan')).toContain("AWS identity: device …9012:mfa/mia (mia's own)\n");
  });
});

test("a code of her own extends a session that the organization's device had opened", async () => {
  const run = await world.run(await world.workspace('applies_only', { acceptedIdentities: 'both' }));
  await world.work(run.id, 'plan');
  await submit(run.id, world.olga);
  const { claimId } = await world.claim(run.id, 'apply');
  await world.sessionOpened({ runId: run.id, phase: 'apply', claimId }, { accessKeyId: 'ASIAFIRST' });
  world.advance(50 * 60_000);
  await raiseExtensions(world);
  const notes = () => world.database.select().from(phaseNotes).where(eq(phaseNotes.runId, run.id)).all();
  expect(notes()[0]?.lines[1]).toBe('Enter a code of arn:aws:iam::********9012:mfa/olga or of your own MFA device at');
  await registerOwn(world, world.mia);
  lane.calls.length = 0;
  await submit(run.id, world.mia);
  expect(await exchanged()).toEqual([of('mia')]);
  expect(notes().at(-1)?.lines.slice(0, 2)).toEqual([
    'Authenticated with MFA by `mia`',
    "AWS identity: arn:aws:iam::********9012:user/mia, device …9012:mfa/mia (mia's own)",
  ]);
  const [record] = await auditOf(run.id);
  expect(record).toMatchObject({
    action: 'run.session_extended',
    details: { identity: 'own', principalArn: userOf('mia') },
  });
});

describe('what AWS says of keys', () => {
  test.each(['mfa_serial_unknown', 'aws_keys_invalid'] as const)(
    '%s is told to whom it concerns',
    async (rejection) => {
      await registerOwn(world, world.mia);
      const run = await waiting('both');
      verdict = () => ({ rejection });
      await expect(submit(run.id, world.mia)).rejects.toThrowError(refusal(rejection, 'on your account page'));
      await expect(submit(run.id, world.mia, { device: 'organization' })).rejects.toThrowError(
        refusal(rejection, 'Ask an organization owner'),
      );
    },
  );
});

describe('the log of a run that waits', () => {
  test.each([
    ['organization', 'arn:aws:iam::********9012:mfa/olga'],
    ['members', 'your own MFA device'],
    ['both', 'arn:aws:iam::********9012:mfa/olga or of your own MFA device'],
  ] as const)('names what is accepted: %s', async (accepted, device) => {
    await registerOwn(world, world.mia);
    const run = await waiting(accepted);
    world.advance(world.settings.mfaReminderMs);
    await remindOfWaits(world);
    const log = await world.log(run.id, 'plan');
    expect(log).toContain(`\nEnter a code of ${device} at\n`);
    expect(log).toContain(`Still waiting for a code of ${device}: `);
  });
});

describe('a run is queued (M2)', () => {
  async function withoutVariables(work: () => Promise<void>): Promise<void> {
    const ofOrganization = and(eq(variables.organization, 'acme'), eq(variables.category, 'env'));
    const rows = world.database.select().from(variables).where(ofOrganization).all();
    world.database.delete(variables).where(ofOrganization).run();
    try {
      await work();
    } finally {
      world.database.insert(variables).values(rows).run();
    }
  }
  const serialOrRefusal = async (accepted: Accepted) => {
    try {
      return (await waiting(accepted)).mfaSerial;
    } catch (error) {
      return error;
    }
  };

  test.each(acceptedIdentities)(
    '%s accepted: without variables and without registered devices it is refused',
    (accepted) =>
      withoutVariables(async () => {
        const words = {
          organization: 'AWS_MFA_SERIAL_NUMBER',
          members: 'Register yours',
          both: 'Or register AWS keys',
        };
        expect(await serialOrRefusal(accepted)).toEqual(refusal('aws_variable_missing', words[accepted]));
      }),
  );

  test.each([
    ['organization', refusal('aws_variable_missing')],
    ['members', null],
    ['both', null],
  ] as const)('%s accepted: without variables, with a registered device', (accepted, outcome) =>
    withoutVariables(async () => {
      await registerOwn(world, world.olga, { name: 'olga-own' });
      expect(await serialOrRefusal(accepted)).toEqual(outcome);
    }),
  );

  test.each([
    ['organization', goodSerial],
    ['members', refusal('aws_variable_missing', 'no member of acme has registered')],
    ['both', goodSerial],
  ] as const)('%s accepted: with variables, without registered devices', async (accepted, outcome) => {
    expect(await serialOrRefusal(accepted)).toEqual(outcome);
  });
});
