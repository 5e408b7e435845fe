import { randomBytes } from 'node:crypto';
import { type ApiClient, ApiError, createApiClient, document, resourcesOf } from '@gatehouse/dev/api-client';
import { type Run, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { encodeBase32 } from '@gatehouse/sts-emulator/base32';
import { type DeviceAccess, freshCode, usedCode } from '@gatehouse/sts-emulator/fresh-code';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newMember } from './new-member.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

// Two people of one organization, each with an IAM user and an MFA device of her own.

const account = '123456789012';
const roleName = 'gatehouse-people';
const roleArn = `arn:aws:iam::${account}:role/${roleName}`;

type Person = {
  name: string;
  arn: string;
  serial: string;
  api: ApiClient;
  device: DeviceAccess;
  secretAccessKey: string;
  identity: Record<string, string>;
};

let gatehouse: Gatehouse;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  gatehouse = await startGatehouse();
  [alice, bob] = [await person('alice'), await person('bob')];
  await gatehouse.emulator('POST', '/roles', {
    name: roleName,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: [alice.arn, bob.arn] },
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      },
    },
  });
});
afterAll(() => gatehouse.stop());

/** An IAM user with a key and a device, and a member of the organization that they belong to. */
async function person(name: string): Promise<Person> {
  const { url, stsUrl } = gatehouse.stack.dev;
  const accessKeyId = `AKIA${encodeBase32(randomBytes(10))}`;
  const secretAccessKey = randomBytes(30).toString('base64');
  const secretBase32 = encodeBase32(randomBytes(20));
  const serial = `arn:aws:iam::${account}:mfa/${name}`;
  await gatehouse.emulator('POST', '/users', {
    name,
    accessKeys: [{ accessKeyId, secretAccessKey }],
    mfaDevices: [{ serial, secretBase32 }],
  });
  const { token } = await newMember(gatehouse, name);
  return {
    name,
    arn: `arn:aws:iam::${account}:user/${name}`,
    serial,
    api: createApiClient({ url, token }),
    device: { emulatorUrl: stsUrl, serial, secretBase32 },
    secretAccessKey,
    identity: {
      organization: gatehouse.stack.dev.organization,
      'access-key-id': accessKeyId,
      'secret-access-key': secretAccessKey,
      'mfa-serial-number': serial,
    },
  };
}

const register = ({ api }: Person, identity: Record<string, string>) =>
  api.call('POST', '/api/v2/account/aws-identities', document('aws-identities', identity));

async function answer({ api }: Person, run: Run, tokenCode: string): Promise<unknown> {
  return api
    .call('POST', `/api/v2/runs/${run.id}/actions/authenticate`, { 'token-code': tokenCode })
    .catch((error: unknown) => error);
}

const audit = async (run: Run) => {
  const { organization } = gatehouse.stack.dev;
  const records = resourcesOf(
    await gatehouse.api.call('GET', `/api/v2/organizations/${organization}/audit-records?page[size]=100`),
    z.looseObject({ action: z.string() }),
  );
  return records
    .map(({ attributes }) => attributes)
    .find((record) => record.action === 'run.authenticated' && JSON.stringify(record).includes(run.id));
};

describe('devices that belong to people', () => {
  test('an identity is tested before it is kept: what is wrong is named, and nothing is stored', async () => {
    const { api, identity } = alice;
    const refused = await register(alice, { ...identity, 'mfa-serial-number': bob.serial }).catch((error) => error);
    expect(refused).toMatchObject({ status: 422, codes: ['aws_identity_refused'] });
    const wrong = await register(alice, { ...identity, 'secret-access-key': bob.secretAccessKey }).catch(
      (error) => error,
    );
    expect(wrong).toMatchObject({ status: 422, codes: ['aws_identity_refused'] });
    expect(String(wrong)).not.toContain(bob.secretAccessKey);
    expect(resourcesOf(await api.call('GET', '/api/v2/account/aws-identities'), z.looseObject({}))).toEqual([]);

    for (const each of [alice, bob]) {
      const kept = JSON.stringify(await register(each, each.identity));
      expect(kept).toContain(each.arn);
      expect(kept).not.toContain(each.secretAccessKey);
    }
  });

  test('two people release two runs; audit, log and AWS name the right one each time', async () => {
    const { workspace, queueRun, log, stsCalls } = gatehouse;
    const settings = { 'mfa-level': 'plans_and_applies', 'accepted-identities': 'both', 'role-arn': roleArn };
    const runs: Run[] = [];
    for (const name of ['of-alice', 'of-bob']) {
      const run = await queueRun(await workspace(name, settings), smallConfiguration, { 'plan-only': true });
      await waitForRun(gatehouse.api, run.id, ['awaiting_mfa']);
      runs.push(run);
    }
    const [first, second] = runs as [Run, Run];
    expect((await readRun(alice.api, first.id)).attributes.mfa).toMatchObject({
      device: { owner: 'own', label: expect.stringContaining('mfa/alice') },
      devices: [{ owner: 'own' }, { owner: 'organization' }],
    });

    for (const [who, run] of [
      [alice, first],
      [bob, second],
    ] as const) {
      expect(await answer(who, run, await freshCode(who.device))).not.toBeInstanceOf(Error);
      const ended = await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
      const keyId = z.string().parse(ended.attributes.mfa?.['session-access-key-id']);
      expect(ended.attributes.mfa).toMatchObject({
        'authenticated-by': who.name,
        'authenticated-with': { owner: 'own', label: expect.stringContaining(`mfa/${who.name}`) },
      });
      const text = await log(run, 'plan');
      expect(text).toContain(`Authenticated with MFA by \`${who.name}\`\n`);
      expect(text).toContain(`mfa/${who.name}`);
      expect(JSON.stringify(await audit(run))).toMatch(
        new RegExp(`"${who.name}".*${who.serial}|${who.serial}.*"${who.name}"`),
      );
      expect(JSON.stringify(await audit(run))).toContain(keyId);
      // What CloudTrail would show: who called, with which device, and the name and tags of the role's session.
      const calls = (await stsCalls()).filter(({ outcome }) => outcome === 'ok');
      const withCode = calls.filter(({ serial }) => serial === who.serial);
      expect(withCode).toHaveLength(1);
      expect(withCode[0]).toMatchObject({ user: who.arn });
      const assumed = calls.find(({ accessKeyId }) => accessKeyId === keyId);
      expect(assumed).toMatchObject({
        action: 'AssumeRole',
        roleSessionName: expect.stringContaining(run.id),
        sourceIdentity: who.name,
        tags: expect.objectContaining({ 'gatehouse:user': who.name, 'gatehouse:run': run.id }),
      });
    }
  });

  test('a code that one run has spent is refused for another one, here, with the seconds to wait', async () => {
    const { workspace, queueRun, stsCalls } = gatehouse;
    const id = await workspace('spent', { 'mfa-level': 'plans_and_applies', 'accepted-identities': 'both' });
    const [first, second] = [
      await queueRun(id, smallConfiguration, { 'plan-only': true }),
      await queueRun(id, smallConfiguration, { 'plan-only': true }),
    ];
    expect(await answer(alice, first, await freshCode(alice.device))).not.toBeInstanceOf(Error);
    const before = (await stsCalls()).filter(({ serial }) => serial === alice.serial).length;
    const refused = await answer(alice, second, await usedCode(alice.device));
    if (!(refused instanceof ApiError)) throw new Error('A spent code was taken.');
    expect(refused.codes).toEqual(['mfa_code_already_used']);
    expect(refused.message).toMatch(/alice.*\b\d{1,2} s/s);
    expect((await stsCalls()).filter(({ serial }) => serial === alice.serial)).toHaveLength(before);
    // Bob's device knows nothing of it.
    expect(await answer(bob, second, await freshCode(bob.device))).not.toBeInstanceOf(Error);
    await waitForRun(gatehouse.api, second.id, ['planned_and_finished']);
  });

  test("where only the organization's device is accepted, a member's own is not asked", async () => {
    const { workspace, queueRun, freshCode: ofOrganization, stsCalls } = gatehouse;
    const run = await queueRun(await workspace('shared', { 'mfa-level': 'plans_and_applies' }), smallConfiguration, {
      'plan-only': true,
    });
    expect((await readRun(alice.api, run.id)).attributes.mfa).toMatchObject({ devices: [{ owner: 'organization' }] });
    expect(await answer(alice, run, await ofOrganization())).not.toBeInstanceOf(Error);
    await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
    expect((await stsCalls()).at(-1)).toMatchObject({ serial: gatehouse.stack.dev.mfaSerial });
  });
});
