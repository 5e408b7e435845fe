import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import type { DeviceOwner } from '../../src/services/answering-identity.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { registerAwsIdentity } from '../../src/services/register-aws-identity.ts';
import { createVariable } from '../../src/services/set-variable.ts';
import { identitiesOfOrganization, removeAwsIdentity } from '../../src/store/aws-identities.ts';
import { inTransaction } from '../../src/store/database.ts';
import { insertMembership } from '../../src/store/memberships.ts';
import { createOrganization } from '../../src/store/organizations.ts';
import type { Run } from '../../src/store/runs.ts';
import { createWorkspace, newWorkspaceSettings, type WorkspaceSettings } from '../../src/store/workspaces.ts';
import { deviceOf, keyOf, registerOwn } from '../own-devices.ts';
import { code, goodKeys, goodSerial, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

// One device shows one code at a time, whoever registered it: as an organization's, or as one's own.

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: Verdict = 'accept';
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 5_000 });
  lane = world.gateLane(() => verdict);
});
beforeEach(() => {
  // A second after a new code was shown, so that no test is overtaken by the next.
  world.advance(31_000 - (world.clock.now().getTime() % 30_000));
});
afterEach(() => {
  verdict = 'accept';
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
let next = 400_000;
const fresh = () => code(String(next++));
const waiting = async (accepted: Accepted) =>
  world.run(await world.workspace('plans_and_applies', { acceptedIdentities: accepted }));
const submit = (run: Run, by: Actor, tokenCode: ReturnType<typeof fresh>, device?: DeviceOwner) =>
  authenticateRun(world, { runId: run.id, tokenCode, by, device });
const refusal = (errorCode: string, words = '') =>
  expect.objectContaining({ code: errorCode, message: expect.stringContaining(words) });
/** The step of 30 s began a second ago; a test takes less than the rest of it. */
const inThisStep = expect.toSatisfy((seconds: number) => seconds > 5 && seconds <= 29);
const spent = (words: string) => ({
  code: 'mfa_code_already_used',
  message: expect.stringMatching(
    new RegExp(`${words}.*your device shows a new one in \\d+ seconds\\. No try was used`),
  ),
  retryAfterSeconds: inThisStep,
});

describe('a code that was spent', () => {
  test('by one run is refused for another, with the seconds to wait, and AWS is not asked again', async () => {
    await registerOwn(world, world.mia);
    const [one, other] = [await waiting('members'), await waiting('both')];
    const tokenCode = fresh();
    await submit(one, world.mia, tokenCode);
    await expect(submit(other, world.mia, tokenCode)).rejects.toThrowError(
      expect.objectContaining(spent(`was used by \`mia\` for run ${one.id}`)),
    );
    expect(lane.calls).toHaveLength(1);
    expect(world.challenge(other.id, 'plan')).toMatchObject({ state: 'awaiting', triesLeft: 5, attempt: 0 });
    world.advance(30_000);
    await expect(submit(other, world.mia, tokenCode)).rejects.toThrowError(
      expect.objectContaining({
        message: expect.stringContaining('enter the one that your device shows now'),
        retryAfterSeconds: 0,
      }),
    );
  });

  test("is refused where the same device is registered both as the organization's and as one's own", async () => {
    await registerOwn(world, world.mia, { serial: goodSerial });
    const runs = [await waiting('both'), await waiting('both'), await waiting('organization')] as const;
    const [own, common] = [fresh(), fresh()];
    await submit(runs[0], world.mia, own, 'own');
    await expect(submit(runs[1], world.olga, own)).rejects.toThrowError(expect.objectContaining(spent('by `mia`')));
    await submit(runs[2], world.olga, common);
    await expect(submit(runs[1], world.mia, common, 'own')).rejects.toThrowError(
      expect.objectContaining(spent('by `olga`')),
    );
  });

  test('is refused while it is on its way for another person', async () => {
    await registerOwn(world, world.mia, { serial: goodSerial });
    const [one, other] = [await waiting('both'), await waiting('both')];
    const tokenCode = fresh();
    let second: unknown;
    const queue = {
      ...world.queue,
      wakeChallenge: async (...of: Parameters<RunWorld['queue']['wakeChallenge']>) => {
        second = await submit(other, world.olga, tokenCode).catch((error: unknown) => error);
        return world.queue.wakeChallenge(...of);
      },
    };
    await authenticateRun({ ...world, queue }, { runId: one.id, tokenCode, by: world.mia });
    expect(second).toMatchObject(spent('is being used by `mia`'));
    expect(lane.calls).toHaveLength(1);
  });

  test('says nothing of another organization than that it was used', async () => {
    const there = await runOfBeta();
    const tokenCode = fresh();
    await submit(there, world.olga, tokenCode);
    const refused = await submit(await waiting('organization'), world.mia, tokenCode).catch((error: unknown) => error);
    expect(refused).toMatchObject(spent('was used elsewhere'));
    expect(String(refused)).not.toContain(there.id);
    expect(String(refused)).not.toContain('olga');
  });

  test('is nothing to another device that happens to show the same digits', async () => {
    await registerOwn(world, world.mia);
    await registerOwn(world, world.olga, { name: 'olga-own' });
    const tokenCode = fresh();
    await submit(await waiting('members'), world.mia, tokenCode);
    await submit(await waiting('members'), world.olga, tokenCode);
    await submit(await waiting('organization'), world.olga, tokenCode);
    expect(lane.calls.map(({ claim }) => claim.mfaSerial)).toEqual([deviceOf('mia'), deviceOf('olga-own'), goodSerial]);
  });

  test('is told with the seconds also where AWS refused it first', async () => {
    verdict = { rejection: 'mfa_code_already_used' };
    await expect(submit(await waiting('organization'), world.mia, fresh())).rejects.toThrowError(
      expect.objectContaining({ code: 'mfa_code_already_used', retryAfterSeconds: inThisStep }),
    );
  });
});

describe('one code for several runs', () => {
  const batch = (runs: readonly Run[], by: Actor, device?: DeviceOwner, tokenCode = fresh()) =>
    authenticateRuns(world, { organization: 'acme', runIds: runs.map(({ id }) => id), tokenCode, by, device });
  const outcomes = async (answer: ReturnType<typeof batch>) =>
    (await answer).map(({ outcome, error }) => error?.code ?? outcome);

  test('releases with her own device all that accept it, and others when the device is named', async () => {
    await registerOwn(world, world.mia);
    const [members, both, shared] = [await waiting('members'), await waiting('both'), await waiting('organization')];
    // Hers answers the first two, the organization's the third.
    await expect(batch([members, both, shared], world.mia)).rejects.toThrowError(refusal('invalid_request', shared.id));
    expect(lane.calls).toEqual([]);
    expect(await outcomes(batch([both, shared, members], world.mia, 'organization'))).toEqual([
      'authenticated',
      'authenticated',
      'invalid_request',
    ]);
    expect(await outcomes(batch([members, await waiting('both')], world.mia))).toEqual([
      'authenticated',
      'authenticated',
    ]);
    expect(lane.calls.map(({ claim }) => [claim.mfaSerial, claim.targets.length])).toEqual([
      [goodSerial, 2],
      [deviceOf('mia'), 2],
    ]);
  });

  test('tells of each run that she has no device for, and releases the others', async () => {
    await registerOwn(world, world.mia);
    const runs = [await waiting('members'), await waiting('both')];
    expect(await outcomes(batch(runs, world.olga))).toEqual(['aws_identity_missing', 'authenticated']);
    expect(lane.calls.map(({ claim }) => claim.mfaSerial)).toEqual([goodSerial]);
    // Nobody's device answers for another: mia's keys are used for mia alone.
    expect(world.challenge(runs[1]?.id ?? '', 'plan')).toMatchObject({
      awsIdentityId: null,
      authenticatedByName: 'olga',
    });
  });

  test('releases both kinds where device and keys are the same', async () => {
    await registerSameAsOrganization();
    const runs = [await waiting('members'), await waiting('organization')];
    expect(await outcomes(batch(runs, world.mia))).toEqual(['authenticated', 'authenticated']);
    expect(lane.calls).toHaveLength(1);
  });

  test('refuses the same device with other keys', async () => {
    await registerOwn(world, world.mia, { serial: goodSerial });
    const runs = [await waiting('members'), await waiting('organization')];
    await expect(batch(runs, world.mia)).rejects.toThrowError(refusal('invalid_request', 'one access key'));
    expect(keyOf('mia')).not.toBe(goodKeys.AWS_ACCESS_KEY_ID);
  });

  test('that was spent says for each when there will be another', async () => {
    await registerOwn(world, world.mia);
    const tokenCode = fresh();
    await submit(await waiting('members'), world.mia, tokenCode);
    const [row] = await batch([await waiting('members')], world.mia, undefined, tokenCode);
    expect(row?.error).toMatchObject(spent('by `mia`'));
  });
});

async function registerSameAsOrganization(): Promise<void> {
  await registerAwsIdentity(
    { ...world, check: async () => ({ arn: 'arn:aws:iam::123456789012:user/olga' }) },
    world.mia,
    {
      organization: 'acme',
      accessKeyId: goodKeys.AWS_ACCESS_KEY_ID,
      secretAccessKey: code(goodKeys.AWS_SECRET_ACCESS_KEY),
      mfaSerial: goodSerial,
    },
  );
}

/** Of an organization that has the same device in its variables; olga is in both. */
async function runOfBeta(): Promise<Run> {
  const at = world.clock.now();
  await createOrganization(world.database, world.sam, { name: 'beta', email: 'b@example.com' }, at);
  inTransaction(world.database, (transaction) =>
    insertMembership(transaction, world.sam, { organization: 'beta', user: world.olga, role: 'member' }, at),
  );
  for (const [key, value] of Object.entries({ ...goodKeys, AWS_MFA_SERIAL_NUMBER: goodSerial })) {
    const input = { key, value, category: 'env', sensitive: false, hcl: false, description: '' } as const;
    await createVariable(world, world.sam, { organization: 'beta', workspaceId: null }, input);
  }
  const settings = { ...newWorkspaceSettings, name: 'theirs', mfaLevel: 'plans_and_applies' as const };
  const workspace = await createWorkspace(world.database, world.sam, { organization: 'beta', settings }, at);
  world.configuration(workspace.id);
  return world.run(workspace, { by: world.sam });
}
