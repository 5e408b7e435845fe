import { readFile } from 'node:fs/promises';
import { found } from '@gatehouse/shared/aws-findings';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { codeContext } from '../../src/services/begin-exchange.ts';
import { identitiesOfUser, removeAwsIdentity } from '../../src/store/aws-identities.ts';
import { inTransaction } from '../../src/store/database.ts';
import { recordSpentCode } from '../../src/store/exchanges.ts';
import { type Answer, allRight, checkingWorker, type InHand, userArn } from '../checking-worker.ts';
import { deviceOf, keyOf, secretOf } from '../own-devices.ts';
import { type PageWorld, serial, startPageWorld } from '../page-world.ts';

let world: PageWorld;
let worker: ReturnType<typeof checkingWorker>;
let answer: (check: InHand) => Answer = allRight;
beforeAll(async () => {
  world = await startPageWorld();
  world.parts.settings.exchangeWaitMs = 2_000;
  worker = checkingWorker(world, (check) => answer(check));
}, 30_000);
afterEach(() => {
  answer = allRight;
  worker.taken.length = 0;
  for (const { id, username } of [world.olga, world.mia]) {
    for (const identity of identitiesOfUser(world.database, id)) {
      removeAwsIdentity(world.database, { userId: id, username }, identity, world.clock.now());
    }
  }
});
afterAll(async () => {
  await worker.close();
  await world.close();
});

type Who = { post: PageWorld['olga']['post']; get: PageWorld['olga']['get'] };
const given = (name: string, more: object = {}) => ({
  organization: 'acme',
  'access-key-id': keyOf(name),
  'secret-access-key': secretOf(name),
  'mfa-serial-number': deviceOf(name),
  ...more,
});
const register = (who: Who, attributes: object) =>
  who.post('/account/aws-identities', { data: { type: 'aws-identities', attributes } });
const mine = async (who: Who) => (await who.get('/account/aws-identities')).list();

describe('my own keys', () => {
  test('are tested by a worker, kept, shown without the secret, and removed', async () => {
    const made = await register(world.mia, given('mia'));
    expect([made.status, made.data()]).toMatchObject([
      201,
      {
        type: 'aws-identities',
        attributes: {
          organization: 'acme',
          'access-key-id': keyOf('mia'),
          serial: 'arn:aws:iam::********9012:mfa/mia',
          label: '…9012:mfa/mia',
          arn: userArn,
          'created-at': world.clock.now().toISOString(),
          'checked-at': world.clock.now().toISOString(),
        },
      },
    ]);
    expect(worker.taken.map(({ identity }) => JSON.parse(identity))).toEqual([
      { accessKeyId: keyOf('mia'), secretAccessKey: secretOf('mia') },
    ]);
    const { id } = made.data();
    const listed = await world.mia.get('/account/aws-identities');
    expect(listed.list().map((each) => each.id)).toEqual([id]);
    const rotated = await register(world.mia, given('mia', { 'access-key-id': keyOf('second') }));
    expect([rotated.status, rotated.data().id]).toEqual([201, id]);
    const audit = await world.olga.get('/organizations/acme/audit-records');
    expect(audit.list().map(({ attributes }) => attributes['action'])).toContain('aws_identity.replaced');
    expect((await world.mia.delete(`/account/aws-identities/${id}`)).status).toBe(204);
    expect(await mine(world.mia)).toEqual([]);
    const files = await Promise.all(['', '-wal'].map((end) => readFile(`${world.databaseFile}${end}`, 'latin1')));
    const everywhere = [made.text, listed.text, rotated.text, audit.text, ...world.logLines, ...files].join('\n');
    expect(everywhere).toContain(keyOf('second'));
    expect(everywhere).not.toContain(secretOf('mia'));
    const redisKeys = await world.redis.keys('*');
    const stored = await Promise.all(redisKeys.map((key: string) => world.redis.dump(key)));
    expect(stored.join('\n')).not.toContain(secretOf('mia'));
  });

  test('that AWS does not take are not kept, and it is said why', async () => {
    answer = () => ({ results: [found('secret_wrong')] });
    const refused = await register(world.mia, given('mia'));
    expect([refused.status, refused.errors()[0]?.code]).toEqual([422, 'aws_identity_refused']);
    expect(refused.text).not.toContain(secretOf('mia'));
    answer = () => undefined;
    const silent = await register(world.mia, given('mia'));
    expect([silent.status, silent.errors()[0]?.code]).toEqual([503, 'aws_check_unanswered']);
    expect(await mine(world.mia)).toEqual([]);
  });

  test.each([
    ['access-key-id', 'AKIA with spaces', 'An access key id has'],
    ['secret-access-key', 'short', 'A secret access key has'],
    ['mfa-serial-number', 'arn:aws:iam::123456789012:user/mia', 'An MFA device is named by its ARN'],
    ['organization', '', '3 to 40'],
  ])('with a malformed %s are refused without asking AWS', async (field, value, words) => {
    const [error] = (await register(world.mia, given('mia', { [field]: value }))).errors();
    expect(error).toMatchObject({ status: '422', source: { pointer: `/data/attributes/${field}` } });
    expect(error?.detail).toContain(words);
    expect(worker.taken).toEqual([]);
  });

  test('are seen and removed by nobody else; owners see the list of all, without secrets', async () => {
    const { id } = (await register(world.mia, given('mia'))).data();
    for (const who of [world.olga, world.sam]) {
      expect((await who.delete(`/account/aws-identities/${id}`)).status).toBe(404);
      expect(await mine(who)).toEqual([]);
    }
    const all = await world.olga.get('/organizations/acme/aws-identities');
    expect(all.list()).toMatchObject([{ id, attributes: { username: 'mia', label: '…9012:mfa/mia' } }]);
    expect(all.text).not.toMatch(/secret/i);
    const others = [
      await world.mia.get('/organizations/acme/aws-identities'),
      await world.sam.get('/organizations/acme/aws-identities'),
    ];
    expect(others.map(({ status }) => status)).toEqual([403, 404]);
    expect((await register(world.sam, given('sam'))).status).toBe(404);
  });

  test('are not for tokens of organizations', async () => {
    const token = (await world.as(world.olga).post('/organizations/acme/authentication-token', {})).data().attributes[
      'token'
    ];
    const service = world.as({ token: String(token) });
    const answers = [
      await service.get('/account/aws-identities'),
      await service.post('/account/aws-identities', given('mia')),
      await service.delete('/account/aws-identities/awsid-1'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(worker.taken).toEqual([]);
  });
});

describe('which devices are accepted', () => {
  test("is for owners to say, audited, and the organization's alone by default", async () => {
    const { id } = await world.workspace('plans_and_applies');
    const read = async () => (await world.olga.get(`/workspaces/${id}`)).data().attributes['accepted-identities'];
    expect(await read()).toBe('organization');
    expect((await world.mia.patch(`/workspaces/${id}`, { 'accepted-identities': 'both' })).status).toBe(403);
    expect((await world.olga.patch(`/workspaces/${id}`, { 'accepted-identities': 'anybody' })).status).toBe(422);
    expect((await world.olga.patch(`/workspaces/${id}`, { 'accepted-identities': 'both' })).status).toBe(200);
    expect(await read()).toBe('both');
    const [record] = (await world.olga.get('/organizations/acme/audit-records')).list();
    expect(record?.attributes).toMatchObject({
      action: 'workspace.changed',
      details: { changes: { acceptedIdentities: { before: 'organization', after: 'both' } } },
    });
  });

  test('a run keeps what was accepted when it was queued, and shows each viewer what she may answer with', async () => {
    await register(world.mia, given('mia'));
    const accepting = async (accepted: string) => {
      const workspace = await world.workspace('plans_and_applies');
      await world.olga.patch(`/workspaces/${workspace.id}`, { 'accepted-identities': accepted });
      const run = await world.run(workspace);
      await world.olga.patch(`/workspaces/${workspace.id}`, { 'accepted-identities': 'organization' });
      return run.id;
    };
    const [both, members] = [await accepting('both'), await accepting('members')];
    const own = { owner: 'own', label: '…9012:mfa/mia' };
    const shared = { owner: 'organization', label: '…9012:mfa/ops-alice' };
    const shown = async (who: Who, runId: string) => {
      const run = (await who.get(`/runs/${runId}`)).data();
      const plan = (await who.get(`/plans/${reference(run.relationships?.['plan']?.data)}`)).data().attributes['mfa'];
      const wait = (await who.get('/mfa-challenges')).list().find(({ id }) => id === runId)?.attributes['mfa'];
      const all = (await who.get('/organizations/acme/mfa-challenges')).list();
      const challenge = all.find(({ relationships }) => reference(relationships?.['run']?.data) === runId)?.attributes;
      return [run.attributes['mfa'], plan, wait, challenge];
    };
    for (const mfa of await shown(world.mia, both)) {
      expect(mfa).toMatchObject({ device: own, devices: [own, shared], serial: 'arn:aws:iam::********9012:mfa/mia' });
    }
    for (const mfa of await shown(world.olga, both)) expect(mfa).toMatchObject({ device: shared, devices: [shared] });
    for (const mfa of await shown(world.mia, members)) expect(mfa).toMatchObject({ device: own, devices: [own] });
    for (const mfa of await shown(world.olga, members)) {
      expect(mfa).toMatchObject({
        device: null,
        devices: [],
        serial: 'your own MFA device',
        'authenticated-with': null,
      });
    }
    // Her two waits are released by one code of hers, and say so.
    const keys = (await world.mia.get('/organizations/acme/mfa-challenges'))
      .list()
      .map(({ attributes }) => attributes['device-key']);
    expect(keys.slice(-2)).toEqual([keys.at(-1), keys.at(-1)]);
  });
});

test('a spent code is answered with the seconds until the next, for machines as well', async () => {
  const [done, open] = [
    await world.run(await world.workspace('plans_and_applies')),
    await world.run(await world.workspace('plans_and_applies')),
  ];
  const fingerprint = world.sealer.fingerprint(new Secret('123456'), codeContext(serial));
  const at = world.clock.now();
  inTransaction(world.database, (transaction) =>
    recordSpentCode(transaction, {
      mfaSerial: serial,
      fingerprint,
      by: 'olga',
      runId: done.id,
      at,
      forgetBefore: new Date(0),
    }),
  );
  world.advance(7_000);
  const refused = await world.mia.post(`/runs/${open.id}/actions/authenticate`, { 'token-code': '123456' });
  const seconds = 30 - ((world.clock.now().getTime() / 1000) % 30);
  expect(refused.status).toBe(422);
  expect(JSON.parse(refused.text).errors[0]).toMatchObject({
    code: 'mfa_code_already_used',
    detail: expect.stringContaining(`by \`olga\` for run ${done.id}`),
    meta: { 'retry-after-seconds': seconds },
  });
  expect(refused.errors()[0]?.detail).toContain(`your device shows a new one in ${seconds} seconds`);
  expect(refused.headers['retry-after']).toBe(String(seconds));
  const batch = await world.mia.post('/organizations/acme/actions/authenticate', {
    'token-code': '123456',
    'run-ids': [open.id],
    device: 'organization',
  });
  expect(batch.list()[0]?.attributes['error']).toMatchObject({ meta: { 'retry-after-seconds': seconds } });
  const other = await world.mia.post(`/runs/${open.id}/actions/authenticate`, {
    'token-code': '123456',
    device: 'own',
  });
  expect(other.errors()[0]?.source).toEqual({ pointer: '/device' });
});

function reference(data: unknown): string {
  return typeof data === 'object' && data !== null && 'id' in data ? String(data.id) : '';
}
