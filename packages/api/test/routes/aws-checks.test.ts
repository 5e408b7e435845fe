import { inspect } from 'node:util';
import { found, passed } from '@gatehouse/shared/aws-findings';
import { newId } from '@gatehouse/shared/ids';
import { tokenCodeKey } from '@gatehouse/shared/jobs';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { closeUnansweredChecks } from '../../src/loops/close-unanswered-checks.ts';
import { prune } from '../../src/loops/prune.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { findRoleTrust } from '../../src/store/role-trusts.ts';
import { awsIdentities } from '../../src/store/schema/aws.ts';
import { variables } from '../../src/store/schema/variables.ts';
import { type Answer, allRight, checkingWorker, type InHand, userArn } from '../checking-worker.ts';
import { type PageWorld, serial, startPageWorld } from '../page-world.ts';

const secret = 'not/a/real/secret/but/as/long/as/one1234';
const ownSecret = 'own/secret/of/mia/that/nobody/else/has12';
let world: PageWorld;
let worker: ReturnType<typeof checkingWorker>;
let answer: (check: InHand) => Answer = allRight;
beforeAll(async () => {
  world = await startPageWorld();
  world.parts.settings.exchangeWaitMs = 700;
  worker = checkingWorker(world, (check) => answer(check));
});
afterEach(() => {
  answer = allRight;
  worker.taken.length = 0;
});
afterAll(async () => {
  await worker.close();
  await world.close();
});

type Report = Extract<WorkerReport, { type: 'check_finished' }>;
type Attributes = {
  state: string;
  results: { probe: string; outcome: string; finding: string | null; title: string; detail: string; policy: unknown }[];
};
type Who = { post: PageWorld['olga']['post']; get: PageWorld['olga']['get'] };

const ask = (who: Who, attributes: object, organization = 'acme') =>
  who.post(`/organizations/${organization}/aws-checks`, { data: { type: 'aws-checks', attributes } });
async function check(who: Who, attributes: object = { identity: 'organization' }) {
  const response = await ask(who, attributes);
  if (response.status !== 200) throw new Error(response.text);
  const { id, attributes: told } = response.data();
  return { id, text: response.text, ...(told as Attributes) }; // The answer's own schema has checked it.
}
const outcomes = ({ results }: Attributes) => results.map(({ probe, outcome }) => `${probe} ${outcome}`);
const rows = () => world.database.all<Record<string, unknown>>('select * from aws_checks order by created_at, id');

let roles = 0;
async function workspaceWithRole(level: 'plans_and_applies' | 'applies_only' = 'plans_and_applies') {
  const workspace = await world.workspace(level);
  const roleArn = `arn:aws:iam::123456789012:role/checked-${++roles}`;
  await world.as(world.olga).patch(`/workspaces/${workspace.id}`, { 'role-arn': roleArn });
  return { ...workspace, roleArn };
}

describe('a right set-up', () => {
  test('is told probe by probe, as a worker found it', async () => {
    const done = await check(world.olga);
    expect(done).toMatchObject({ state: 'finished', identity: 'organization', 'workspace-id': null });
    expect(outcomes(done)).toEqual([
      'variables passed',
      'keys passed',
      'clock passed',
      'device passed',
      'role skipped',
    ]);
    expect(done.results[1]).toMatchObject({
      title: 'Access keys',
      detail: expect.stringContaining(userArn),
      policy: null,
    });
    expect((await world.olga.get(`/aws-checks/${done.id}`)).data().attributes['results']).toEqual(done.results);
    expect(JSON.parse(worker.taken[0]?.identity ?? '')).toMatchObject({ secretAccessKey: secret });
    expect(worker.taken[0]?.claim).toMatchObject({ mfaSerial: serial, hasCode: false });
  });

  test('of a workspace is asked about with its own keys and its role', async () => {
    const workspace = await workspaceWithRole();
    await world.as(world.olga).post(`/workspaces/${workspace.id}/vars`, {
      key: 'AWS_ACCESS_KEY_ID',
      value: 'AKIAOFTHEWORKSPACE00',
      category: 'env',
    });
    const done = await check(world.olga, { identity: 'organization', 'workspace-id': workspace.id });
    expect(outcomes(done)).toContain('role passed');
    expect(JSON.parse(worker.taken[0]?.identity ?? '')).toMatchObject({ accessKeyId: 'AKIAOFTHEWORKSPACE00' });
    expect(worker.taken[0]?.claim.role).toMatchObject({
      arn: workspace.roleArn,
      demandsCode: true,
      sourceIdentity: 'olga',
      tags: expect.arrayContaining([{ key: 'gatehouse:workspace', value: `acme/${workspace.name}` }]),
    });
  });

  test('with a code: it goes sealed to the worker, once, and is spent for runs as well', async () => {
    const done = await check(world.olga, { identity: 'organization', 'token-code': '424242' });
    expect(worker.taken[0]).toMatchObject({ code: '424242', claim: { hasCode: true } });
    expect(await world.redis.exists(tokenCodeKey(done.id, 0))).toBe(0);
    expect(done.text).not.toContain('424242');
    const again = await ask(world.olga, { identity: 'organization', 'token-code': '424242' });
    expect(again.errors()[0]).toMatchObject({ code: 'mfa_code_already_used' });
    const run = await world.run(await world.workspace('plans_and_applies'));
    await world.parts.relay.settled();
    const used = await world.mia.post(`/runs/${run.id}/actions/authenticate`, { 'token-code': '424242' });
    expect(used.errors()[0]).toMatchObject({ code: 'mfa_code_already_used' });
    const malformed = await ask(world.olga, { identity: 'organization', 'token-code': '42' });
    expect(malformed.errors()[0]).toMatchObject({ code: 'mfa_code_invalid_format' });
  });
});

describe('what is wrong', () => {
  const roleOf = (...results: ReturnType<typeof found>[]) => {
    answer = (inHand) => allRight(inHand, ...results);
  };

  test('with a role comes with the trust policy to paste, for who the keys are', async () => {
    roleOf(found('role_without_mfa', 'It opened to the keys alone.'));
    const workspace = await workspaceWithRole();
    const done = await check(world.olga, { identity: 'organization', 'workspace-id': workspace.id });
    expect(done.results.at(-1)).toMatchObject({
      outcome: 'failed',
      finding: 'role_without_mfa',
      title: 'The role opens without MFA',
      policy: {
        Statement: [
          {
            Principal: { AWS: userArn },
            Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
            Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
          },
        ],
      },
    });
  });

  test('with what a role lets be said is remembered for its runs', async () => {
    answer = (inHand) => ({
      ...allRight(inHand, passed('role', ''), found('trust_lacks_tags'), found('trust_lacks_source_identity')),
      results: allRight(inHand, passed('role', ''), found('trust_lacks_tags'))?.results ?? [],
      trust: { tags: false, sourceIdentity: true, accessKeyId: 'AKIAFORGED0000000000' },
    });
    const { id, roleArn } = await workspaceWithRole('applies_only');
    const done = await check(world.olga, { identity: 'organization', 'workspace-id': id });
    expect(outcomes(done).slice(-2)).toEqual(['role passed', 'role warned']);
    // Plans ask for no code here: a policy that insists on one would lock them out.
    expect(JSON.stringify(done.results.at(-1)?.policy)).not.toContain('MultiFactorAuthPresent');
    const place = { organization: 'acme', roleArn };
    expect(findRoleTrust(world.database, { ...place, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).toEqual({
      tags: false,
      sourceIdentity: true,
    });
    expect(findRoleTrust(world.database, { ...place, accessKeyId: 'AKIAFORGED0000000000' })).toBeUndefined();
  });

  test('with the variables is told without a worker, each missing one by its name', async () => {
    const done = await ask(world.sam, { identity: 'organization' }, 'other');
    expect(done.status).toBe(200);
    worker.taken.length = 0;
    const { list } = { list: (await world.as(world.sam).get('/organizations/other/vars')).list() };
    const remove = async (key: string) => {
      const variable = list.find(({ attributes }) => attributes['key'] === key);
      await world.as(world.sam).delete(`/organizations/other/vars/${variable?.id}`);
    };
    const told = async () =>
      (await ask(world.sam, { identity: 'organization' }, 'other')).data().attributes as Attributes;

    await remove('AWS_MFA_SERIAL_NUMBER');
    const withoutDevice = await told();
    expect(withoutDevice.results[0]).toMatchObject({
      finding: 'variable_missing',
      detail: expect.stringContaining('AWS_MFA_SERIAL_NUMBER is not set'),
    });
    // The keys can be looked at all the same.
    expect(outcomes(withoutDevice)).toEqual([
      'variables failed',
      'keys passed',
      'clock passed',
      'device skipped',
      'role skipped',
    ]);
    expect(worker.taken).toHaveLength(1);
    await remove('AWS_SECRET_ACCESS_KEY');
    const withoutSecret = await told();
    expect(withoutSecret).toMatchObject({ state: 'finished' });
    expect(withoutSecret.results[0]?.detail).toContain('AWS_SECRET_ACCESS_KEY and AWS_MFA_SERIAL_NUMBER are not set');
    expect(outcomes(withoutSecret).slice(1)).toEqual([
      'keys skipped',
      'clock skipped',
      'device skipped',
      'role skipped',
    ]);
    expect(worker.taken).toHaveLength(1);
  });

  test.each([
    ['AWS_MFA_SERIAL_NUMBER', 'arn:aws:iam::123456789012:user/ops', 'serial_malformed', 1],
    ['AWS_SESSION_TOKEN', 'IQoJb3JpZ2luX2VjEXAMPLE', 'keys_are_session', 0],
    ['AWS_ACCESS_KEY_ID', 'ASIAIOSFODNN7EXAMPLE', 'keys_are_session', 0],
  ])('with %s is named', async (key, value, finding, asked) => {
    const workspace = await world.workspace('plans_and_applies');
    const right = { key, value: key === 'AWS_MFA_SERIAL_NUMBER' ? serial : value, category: 'env' };
    const { id } = (await world.as(world.olga).post(`/workspaces/${workspace.id}/vars`, right)).data();
    // As it was kept before such a value was refused.
    const sealedValue = await world.sealer.seal(value, `variable/${id}`);
    world.database.update(variables).set({ sealedValue }).where(eq(variables.id, id)).run();
    const done = await check(world.olga, { identity: 'organization', 'workspace-id': workspace.id });
    expect(done.results.filter(({ outcome }) => outcome === 'failed').map((one) => one.finding)).toEqual([finding]);
    expect(worker.taken).toHaveLength(asked);
    expect(done.text).not.toContain('IQoJb3JpZ2luX2VjEXAMPLE');
  });
});

describe('who may ask', () => {
  test('an owner about the organization, a member not, a stranger learns nothing', async () => {
    const forbidden = await ask(world.mia, { identity: 'organization' });
    expect([forbidden.status, forbidden.errors()[0]?.detail]).toEqual([403, expect.stringContaining('olga')]);
    expect((await ask(world.sam, { identity: 'organization' })).status).toBe(404);
    expect((await ask(world.sam, { identity: 'own' })).status).toBe(404);
    const ofOthers = await world.workspace('never', { organization: 'other' });
    expect((await ask(world.olga, { identity: 'organization', 'workspace-id': ofOthers.id })).status).toBe(404);
    const { id } = await check(world.olga);
    expect((await world.mia.get(`/aws-checks/${id}`)).status).toBe(404);
    expect((await world.sam.get(`/aws-checks/${id}`)).status).toBe(404);
    expect((await world.olga.get('/aws-checks/awschk-none')).status).toBe(404);
    expect((await ask(world.olga, { identity: 'everybody' })).status).toBe(422);
  });

  test('the token of a team or an organization may not, even of owners', async () => {
    const made = await world.as(world.olga).post('/organizations/acme/authentication-token', {});
    const token = String(made.data().attributes['token']);
    const answers = [
      await world.as({ token }).post('/organizations/acme/aws-checks', { identity: 'organization' }),
      await world.as({ token }).get(`/aws-checks/${(await check(world.olga)).id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  test('a member about her own keys, which nobody else sees', async () => {
    expect((await ask(world.mia, { identity: 'own' })).errors()[0]?.detail).toContain('no AWS keys of your own');
    const id = newId('awsIdentity');
    const [at, context] = [world.clock.now(), `aws-identity-secret/${id}`];
    world.database
      .insert(awsIdentities)
      .values({
        id,
        organization: 'acme',
        userId: world.mia.id,
        accessKeyId: 'AKIAOFMIA00000000000',
        sealedSecretAccessKey: await world.sealer.seal(ownSecret, context),
        mfaSerial: 'arn:aws:iam::123456789012:mfa/mia',
        arn: 'arn:aws:iam::123456789012:user/mia',
        createdAt: at,
        checkedAt: at,
      })
      .run();
    const done = await check(world.mia, { identity: 'own' });
    expect(outcomes(done)).toContain('device passed');
    expect(JSON.parse(worker.taken[0]?.identity ?? '')).toEqual({
      accessKeyId: 'AKIAOFMIA00000000000',
      secretAccessKey: ownSecret,
    });
    expect((await world.mia.get(`/aws-checks/${done.id}`)).status).toBe(200);
    expect((await world.olga.get(`/aws-checks/${done.id}`)).status).toBe(404);
  });

  test('is written down, with the keys it was about and without their secret', async () => {
    const { id } = await check(world.olga);
    const records = (await world.olga.get('/organizations/acme/audit-records?filter[action]=aws_setup.checked')).list();
    expect(records.find(({ attributes }) => attributes['target-id'] === id)?.attributes).toMatchObject({
      details: { identity: 'organization', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', withCode: false },
    });
  });
});

describe('a worker that does not answer', () => {
  test('leaves the check to be read again, and what it reports then counts', async () => {
    answer = () => undefined;
    const started = await check(world.olga);
    expect(started).toMatchObject({ state: 'claimed', results: [], 'finished-at': null });
    await worker.report({ type: 'check_finished', checkId: started.id, results: [found('keys_unknown')] });
    await expect
      .poll(async () => (await world.olga.get(`/aws-checks/${started.id}`)).data().attributes['state'])
      .toBe('finished');
    const done = (await world.olga.get(`/aws-checks/${started.id}`)).data().attributes as Attributes;
    expect(outcomes(done)).toEqual([
      'variables passed',
      'keys failed',
      'clock skipped',
      'device skipped',
      'role skipped',
    ]);
  });

  test('is given up after a minute; the keys are gone then, and a late report changes nothing', async () => {
    answer = () => undefined;
    const started = await check(world.olga);
    world.advance(59_000);
    closeUnansweredChecks(world.parts);
    expect((await world.olga.get(`/aws-checks/${started.id}`)).data().attributes['state']).toBe('claimed');
    world.advance(2_000);
    closeUnansweredChecks(world.parts);
    const closed = (await world.olga.get(`/aws-checks/${started.id}`)).data().attributes as Attributes;
    expect(closed.results[1]).toMatchObject({ outcome: 'skipped', detail: expect.stringContaining('did not answer') });
    await recordWorkerReport(world.parts, {
      type: 'check_finished',
      checkId: started.id,
      results: [found('keys_unknown')],
    });
    expect((await world.olga.get(`/aws-checks/${started.id}`)).data().attributes).toEqual(closed);
    expect((await worker.claim(started.id)).status).toBe(409);
  });

  test('since there is none: the sealed keys wait no longer than a minute', async () => {
    await worker.close();
    const waiting = await check(world.olga);
    expect(waiting.state).toBe('waiting');
    expect(rows().at(-1)).toMatchObject({ id: waiting.id, sealed_identity: expect.any(String) });
    world.advance(61_000);
    closeUnansweredChecks(world.parts);
    expect(rows().at(-1)).toMatchObject({ state: 'finished', sealed_identity: null });
    const closed = (await world.olga.get(`/aws-checks/${waiting.id}`)).data().attributes as Attributes;
    expect(closed.results[1]?.detail).toContain('Look whether a worker runs');
    worker = checkingWorker(world, (each) => answer(each));
  });
});

describe('who is no worker', () => {
  test('claims nothing; a worker does once, and not before there is a check', async () => {
    answer = () => undefined;
    const { id } = await check(world.olga);
    expect((await worker.claim(id, 'guessed')).status).toBe(401);
    expect((await worker.claim(id, world.olga.token)).status).toBe(401);
    expect((await worker.claim(id)).status).toBe(409);
    expect((await worker.claim('awschk-none')).status).toBe(409);
  });

  test('reports nothing: neither unsealed, nor what nobody claimed, nor twice', async () => {
    answer = () => undefined;
    const { id } = await check(world.olga);
    const forged: Report = { type: 'check_finished', checkId: id, results: [passed('keys', 'forged')] };
    await worker.report(forged, 'some other place');
    await expect.poll(() => worker.refused.length).toBe(1);
    expect((await world.olga.get(`/aws-checks/${id}`)).data().attributes['state']).toBe('claimed');
    await recordWorkerReport(world.parts, { ...forged, results: [passed('keys', 'first')] });
    await recordWorkerReport(world.parts, { ...forged, results: [passed('keys', 'second')] });
    await recordWorkerReport(world.parts, { ...forged, checkId: 'awschk-none' });
    const { results } = (await world.olga.get(`/aws-checks/${id}`)).data().attributes as Attributes;
    expect(results[1]?.detail).toBe('first');
    world.database.run(`update aws_checks set state = 'waiting', findings = null where id = '${id}'`);
    await recordWorkerReport(world.parts, forged);
    expect(rows().find((row) => row['id'] === id)).toMatchObject({ state: 'waiting' });
  });
});

test('no key and no code is anywhere in clear', async () => {
  await check(world.olga, { identity: 'organization', 'token-code': '987654' });
  await check(world.mia, { identity: 'own' });
  const audit = await world.olga.get('/organizations/acme/audit-records');
  const all = [inspect([rows(), world.database.all('select * from audit_records')], { depth: 9 }), audit.text];
  all.push(world.logLines.join('\n'));
  for (const key of await world.redis.keys('*')) {
    const kind = await world.redis.type(key);
    if (kind === 'string') all.push((await world.redis.get(key)) ?? '');
    if (kind === 'hash') all.push(JSON.stringify(await world.redis.hgetall(key)));
    if (kind === 'stream') all.push(JSON.stringify(await world.redis.xrange(key, '-', '+')));
  }
  const dump = all.join('\n');
  expect(dump).toContain('check_finished');
  for (const hidden of [secret, ownSecret, '987654']) expect(dump).not.toContain(hidden);
});

test('checks are forgotten after a day', async () => {
  const { id } = await check(world.olga);
  // Her sign-in on the page ends before that; her token does not.
  const read = async () => (await world.as(world.olga).get(`/aws-checks/${id}`)).status;
  world.advance(23 * 3_600_000);
  await prune(world.parts);
  expect(await read()).toBe(200);
  world.advance(2 * 3_600_000);
  await prune(world.parts);
  expect(await read()).toBe(404);
});
