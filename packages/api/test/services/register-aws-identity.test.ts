import { inspect } from 'node:util';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import { openIdentity } from '../../src/services/own-identity.ts';
import { type IdentityCheck, registerAwsIdentity } from '../../src/services/register-aws-identity.ts';
import { listAuditRecords } from '../../src/store/audit.ts';
import { findAwsIdentity, identitiesOfUser, removeAwsIdentity } from '../../src/store/aws-identities.ts';
import { inTransaction } from '../../src/store/database.ts';
import { deleteOrganization } from '../../src/store/delete-organization.ts';
import { deleteMembership, findMembership, insertMembership } from '../../src/store/memberships.ts';
import { createOrganization, findOrganization } from '../../src/store/organizations.ts';
import { deviceOf, keyOf, registerOwn, secretOf, userOf } from '../own-devices.ts';
import { type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterEach(() => {
  for (const { userId } of [world.olga, world.mia]) {
    for (const identity of identitiesOfUser(world.database, userId)) {
      removeAwsIdentity(world.database, world.olga, identity, world.clock.now());
    }
  }
});
afterAll(() => world.close());

const given = { accessKeyId: keyOf('mia'), secretAccessKey: new Secret(secretOf('mia')), mfaSerial: deviceOf('mia') };
const register = (by: Actor, check: IdentityCheck, more: Partial<typeof given> = {}) =>
  registerAwsIdentity({ ...world, check }, by, { organization: 'acme', ...given, ...more });
const isMias: IdentityCheck = async () => ({ arn: userOf('mia') });
const refusal = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });
const ofMia = () => identitiesOfUser(world.database, world.mia.userId);
async function audited(targetId: string) {
  const { records } = await listAuditRecords(world.database, 'acme', {}, { limit: 100, offset: 0 });
  return records.filter((record) => record.targetId === targetId);
}

test('what AWS finds right is kept, sealed for its own row, and audited without the secret', async () => {
  const asked: unknown[] = [];
  const identity = await register(world.mia, async (candidate) => {
    asked.push(candidate);
    expect(ofMia()).toEqual([]);
    return { arn: userOf('mia') };
  });
  expect(asked).toEqual([
    {
      organization: 'acme',
      requestedBy: world.mia.userId,
      identity: { accessKeyId: given.accessKeyId, secretAccessKey: given.secretAccessKey },
      mfaSerial: given.mfaSerial,
    },
  ]);
  expect(ofMia()).toEqual([identity]);
  expect(identity).toMatchObject({ accessKeyId: keyOf('mia'), mfaSerial: deviceOf('mia'), arn: userOf('mia') });
  expect((await openIdentity(world, identity)).secretAccessKey.reveal()).toBe(secretOf('mia'));
  // Bound to its row: moved to another one it cannot be opened.
  await expect(openIdentity(world, { ...identity, id: 'awsid-other' })).rejects.toThrowError(
    refusal('unauthorized', ''),
  );
  const records = await audited(identity.id);
  expect(records).toMatchObject([
    {
      action: 'aws_identity.registered',
      actorName: 'mia',
      details: { accessKeyId: keyOf('mia'), mfaSerial: deviceOf('mia'), arn: userOf('mia') },
    },
  ]);
  const rows = world.database.all<Record<string, unknown>>('select * from aws_identities');
  expect(inspect([rows, records, world.logged], { depth: 9 })).not.toContain(secretOf('mia'));
});

describe('nothing is kept', () => {
  test.each(['aws_identity_refused', 'aws_check_unanswered'] as const)('when the check ends in %s', async (code) => {
    const check: IdentityCheck = async () => {
      throw new GatehouseError(code, 'No.');
    };
    await expect(register(world.mia, check)).rejects.toThrowError(refusal(code, 'No.'));
    expect(ofMia()).toEqual([]);
  });

  test('and what was there stays, when another is refused', async () => {
    const before = await registerOwn(world, world.mia);
    const check: IdentityCheck = async () => {
      throw new GatehouseError('aws_identity_refused', 'No.');
    };
    await expect(register(world.mia, check, { accessKeyId: keyOf('new') })).rejects.toThrow();
    expect(ofMia()).toEqual([before]);
  });

  test('of a device of another account than the keys', async () => {
    const mfaSerial = 'arn:aws:iam::999999999999:mfa/mia';
    await expect(register(world.mia, isMias, { mfaSerial })).rejects.toThrowError(
      refusal('aws_identity_refused', 'the AWS account 999999999999, and the keys are of 123456789012'),
    );
    expect(ofMia()).toEqual([]);
    // The number on a hardware device names no account.
    expect(await register(world.mia, isMias, { mfaSerial: 'GAHT12345678' })).toMatchObject({ arn: userOf('mia') });
  });

  test.each([
    ['strangers', 'not_found', () => world.sam],
    ['a token of a team', 'forbidden', (): Actor => ({ ...world.mia, via: 'team-token' })],
    ['a token of an organization', 'forbidden', (): Actor => ({ ...world.mia, via: 'organization-token' })],
  ])('for %s, and AWS is not asked', async (_who, code, who) => {
    let wasAsked = false;
    const check: IdentityCheck = async () => {
      wasAsked = true;
      return { arn: userOf('mia') };
    };
    await expect(register(who(), check)).rejects.toThrowError(refusal(code, ''));
    expect([wasAsked, ofMia(), identitiesOfUser(world.database, world.sam.userId)]).toEqual([false, [], []]);
  });

  test('for who has left while AWS was asked', async () => {
    const leaver = memberCalled('leaver');
    const check: IdentityCheck = async () => {
      await leave(leaver);
      return { arn: userOf('leaver') };
    };
    await expect(register(leaver, check)).rejects.toThrowError(refusal('not_found', 'any more'));
    expect(identitiesOfUser(world.database, leaver.userId)).toEqual([]);
  });
});

test('a new registration replaces the one before under its id, and both keys are audited', async () => {
  const first = await registerOwn(world, world.mia);
  const second = await registerOwn(world, world.mia, { key: 'rotated' });
  expect(ofMia()).toEqual([second]);
  expect(second).toMatchObject({ id: first.id, createdAt: first.createdAt, accessKeyId: keyOf('rotated') });
  expect((await openIdentity(world, second)).secretAccessKey.reveal()).toBe(secretOf('rotated'));
  const [newest] = await audited(first.id);
  expect(newest).toMatchObject({
    action: 'aws_identity.replaced',
    details: { accessKeyId: keyOf('rotated'), before: { accessKeyId: keyOf('mia') } },
  });
});

test('whoever leaves the organization, or is removed, leaves no keys behind', async () => {
  const leaver = memberCalled('goes');
  const identity = await registerOwn(world, leaver);
  await leave(leaver);
  expect(findAwsIdentity(world.database, identity.id)).toBeUndefined();
  expect((await audited(identity.id)).map(({ action, actorName }) => [action, actorName])).toEqual([
    ['aws_identity.removed', 'olga'],
    ['aws_identity.registered', 'goes'],
  ]);
});

test('keys go with their organization, and only those of it', async () => {
  await createOrganization(world.database, world.mia, { name: 'brief', email: 'a@example.com' }, world.clock.now());
  const [there, here] = [
    await registerOwn(world, world.mia, { organization: 'brief' }),
    await registerOwn(world, world.mia),
  ];
  const brief = await findOrganization(world.database, 'brief');
  if (brief === undefined) throw new Error('no organization');
  expect(ofMia()).toHaveLength(2);
  await deleteOrganization(world.database, world.mia, brief, world.clock.now());
  expect([there, here].map(({ id }) => findAwsIdentity(world.database, id)?.organization)).toEqual([undefined, 'acme']);
});

function memberCalled(username: string): Actor {
  const user = world.person(username);
  inTransaction(world.database, (transaction) =>
    insertMembership(transaction, world.olga, { organization: 'acme', user, role: 'member' }, world.clock.now()),
  );
  return user;
}

async function leave({ userId }: Actor): Promise<void> {
  const membership = findMembership(world.database, 'acme', userId);
  if (membership === undefined) throw new Error('no member');
  await deleteMembership(world.database, world.olga, membership, world.clock.now());
}
