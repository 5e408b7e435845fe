import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/store/database.ts';
import { rememberRoleTrust } from '../../src/store/role-trusts.ts';
import { awsIdentities } from '../../src/store/schema/aws.ts';
import { type PageWorld, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

let roles = 0;
async function setup(attributes: object = {}) {
  const roleArn = `arn:aws:iam::123456789012:role/deploy-${++roles}`;
  const workspace = await world.workspace('plans_and_applies');
  await world.as(world.olga).patch(`/workspaces/${workspace.id}`, { 'role-arn': roleArn, ...attributes });
  return { ...workspace, roleArn };
}
const sessionOf = async (id: string, who: { get: PageWorld['mia']['get'] } = world.mia) =>
  (await who.get(`/workspaces/${id}/aws-session`)).data();
const see = (roleArn: string, accessKeyId: string, trust: { tags: boolean; sourceIdentity: boolean }) =>
  inTransaction(world.database, (transaction) =>
    rememberRoleTrust(transaction, { organization: 'acme', roleArn }, { ...trust, accessKeyId }, world.clock.now()),
  );

describe('the session of a workspace', () => {
  test('is forecast for plan and apply by their own past', async () => {
    const workspace = await world.workspace('applies_only');
    for (const minutes of [60, 70, 80]) {
      const run = await world.run(workspace, { 'plan-only': true });
      world.advance(minutes * 60_000);
      await world.work(run.id, 'plan');
    }
    expect(await sessionOf(workspace.id)).toEqual({
      id: workspace.id,
      type: 'aws-sessions',
      attributes: {
        plan: {
          'earlier-runs': 3,
          'p95-seconds': 4800,
          'duration-seconds': 6300,
          'expected-seconds': 6300,
          'limit-seconds': 129_600,
          'is-enough': true,
        },
        apply: {
          'earlier-runs': 0,
          'p95-seconds': null,
          'duration-seconds': 3600,
          'expected-seconds': null,
          'limit-seconds': 129_600,
          'is-enough': true,
        },
        trust: null,
      },
    });
    const role = { 'role-arn': 'arn:aws:iam::123456789012:role/short' };
    await world.as(world.olga).patch(`/workspaces/${workspace.id}`, role);
    expect((await sessionOf(workspace.id)).attributes['plan']).toMatchObject({
      'duration-seconds': 3600,
      'limit-seconds': 3600,
      'is-enough': false,
    });
    await world.as(world.olga).patch(`/workspaces/${workspace.id}`, { 'role-max-session-seconds': 7200 });
    expect((await sessionOf(workspace.id)).attributes['plan']).toMatchObject({
      'duration-seconds': 6300,
      'limit-seconds': 7200,
      'is-enough': true,
    });
  });

  test('is shown to members, and to nobody else', async () => {
    const { id } = await setup();
    expect((await world.sam.get(`/workspaces/${id}/aws-session`)).status).toBe(404);
    expect((await world.olga.get('/workspaces/ws-none/aws-session')).status).toBe(404);
  });
});

describe('what the trust policy of its role lacks', () => {
  test('is not known before a session was made', async () => {
    expect((await sessionOf((await setup()).id)).attributes['trust']).toBeNull();
  });

  test('is named, with the whole policy to paste', async () => {
    const { id, roleArn } = await setup();
    see(roleArn, 'AKIAIOSFODNN7EXAMPLE', { tags: false, sourceIdentity: true });
    expect((await sessionOf(id)).attributes['trust']).toEqual({
      tags: false,
      'source-identity': true,
      'role-arn': roleArn,
      'seen-at': world.clock.now().toISOString(),
      missing: ['sts:TagSession'],
      policy: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'Gatehouse',
            Effect: 'Allow',
            Principal: { AWS: expect.stringMatching(/<the IAM user whose access key ends in MPLE>$/) },
            Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
            Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
          },
        ],
      },
    });
  });

  test('is shown of the keys from which it withholds something; whose they are is told to owners', async () => {
    const { id, roleArn } = await setup({ 'mfa-level': 'applies_only' });
    const [own, other] = ['AKIAMIAMIAMIAMIAMIAM', 'AKIAIOSFODNN7EXAMPLE'];
    const arn = 'arn:aws:iam::123456789012:user/mia';
    const at = world.clock.now();
    world.database
      .insert(awsIdentities)
      .values({
        ...{ id: 'awsid-1', organization: 'acme', userId: world.mia.id, accessKeyId: own, arn },
        ...{ sealedSecretAccessKey: '', mfaSerial: 'arn:aws:iam::123456789012:mfa/mia', createdAt: at, checkedAt: at },
      })
      .run();
    see(roleArn, own, { tags: false, sourceIdentity: false });
    world.advance(1000);
    see(roleArn, other, { tags: true, sourceIdentity: true });
    const trust = (await sessionOf(id, world.olga)).attributes['trust'];
    expect(trust).toMatchObject({
      missing: ['sts:TagSession', 'sts:SetSourceIdentity'],
      policy: { Statement: [{ Principal: { AWS: arn } }] },
    });
    // Its plans are made without a code.
    expect(JSON.stringify(trust)).not.toContain('MultiFactorAuthPresent');
    expect(JSON.stringify(await sessionOf(id, world.mia))).not.toContain(arn);
  });

  test('is nothing once the role allows all', async () => {
    const { id, roleArn } = await setup();
    see(roleArn, 'AKIAIOSFODNN7EXAMPLE', { tags: false, sourceIdentity: false });
    see(roleArn, 'AKIAIOSFODNN7EXAMPLE', { tags: true, sourceIdentity: true });
    expect((await sessionOf(id)).attributes['trust']).toMatchObject({ tags: true, missing: [] });
  });
});

test('a run shows the session that its code would buy', async () => {
  const run = await world.run(await world.workspace('plans_and_applies'));
  const planned = {
    'duration-seconds': 3600,
    'expected-seconds': null,
    'limit-seconds': 129_600,
    'is-enough': true,
  };
  const mfa = (await world.mia.get(`/runs/${run.id}`)).data().attributes['mfa'];
  expect(mfa).toMatchObject({ 'planned-session': planned });
  const list = (await world.mia.get('/organizations/acme/mfa-challenges')).list();
  expect(list.find(({ attributes }) => attributes['phase'] === 'plan')?.attributes['planned-session']).toEqual(planned);
});
