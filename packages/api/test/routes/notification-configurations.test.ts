import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { newId } from '@gatehouse/shared/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configurationVersions } from '../../src/store/schema/workspaces.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let receiver: Receiver;
let owner: Person;
let member: Person;
let stranger: Person;
let workspaceId: string;
let count = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  api = await startApi({ notificationAllow: receiver.host });
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
  await api.organization('acme', { owner, member });
  await api.organization('other', { owner: stranger });
});
afterAll(async () => {
  await api.close();
  await receiver.close();
});

beforeEach(async () => {
  receiver.answers((response) => void response.end('ok'));
  receiver.received.length = 0;
  const made = await api.as(owner).post('/organizations/acme/workspaces', { name: `ws-${++count}` });
  workspaceId = made.data().id;
});

const path = () => `/workspaces/${workspaceId}/notification-configurations`;

function setup(attributes: object = {}, who = owner) {
  return api.as(who).post(path(), {
    name: 'ours',
    'destination-type': 'generic',
    enabled: false,
    url: receiver.url,
    triggers: ['run:created'],
    ...attributes,
  });
}

const responsesOf = (answer: { data(): { attributes: Record<string, unknown> } }) =>
  answer.data().attributes['delivery-responses'];

describe('a notification configuration', () => {
  test('is made, listed, read, changed and deleted', async () => {
    const made = await setup();
    expect(made.status, made.text).toBe(201);
    const { id, attributes, relationships } = made.data();
    expect(id).toMatch(/^nc-/);
    expect(attributes).toMatchObject({
      name: 'ours',
      'destination-type': 'generic',
      enabled: false,
      url: receiver.url,
      token: null,
      'has-token': false,
      triggers: ['run:created'],
      'delivery-responses': [],
    });
    expect(relationships?.['subscribable']?.data).toEqual({ id: workspaceId, type: 'workspaces' });
    expect((await api.as(owner).get(path())).list()).toEqual([made.data()]);
    expect((await api.as(owner).get(`/notification-configurations/${id}`)).data()).toEqual(made.data());
    const changes = { name: 'theirs', triggers: ['run:errored', 'run:needs_mfa', 'run:errored'] };
    const changed = await api.as(owner).patch(`/notification-configurations/${id}`, changes);
    expect(changed.data().attributes).toMatchObject({ name: 'theirs', triggers: ['run:errored', 'run:needs_mfa'] });
    expect((await api.as(owner).delete(`/notification-configurations/${id}`)).status).toBe(204);
    expect((await api.as(owner).get(`/notification-configurations/${id}`)).status).toBe(404);
    // None of it was enabled: nothing was sent.
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ['an e-mail', { 'destination-type': 'email' }, 'destination-type', /e-mail/],
    ['Microsoft Teams', { 'destination-type': 'microsoft-teams' }, 'destination-type', /Microsoft Teams/],
    ['a trigger that nothing sets off', { triggers: ['assessment:drifted'] }, 'triggers', /run:created/],
    ['no name', { name: '' }, 'name', /name/],
    ['no address', { url: undefined }, 'url', /address/],
    ['an address of another kind', { url: 'ftp://receiver.example' }, 'url', /https/],
    ['a password in the address', { url: 'https://a:b@receiver.example' }, 'url', /password/],
    ['a misspelt attribute', { trigers: [] }, 'trigers', /trigers|nrecognized/],
  ])('is refused with %s', async (_what, attributes, field, why) => {
    const refused = await setup(attributes);
    expect(refused.status).toBe(422);
    const [error] = refused.errors();
    expect(JSON.stringify(error)).toContain(field);
    expect(error?.detail).toMatch(why);
  });

  test('is one of twenty at most', async () => {
    for (let made = 0; made < 20; made++) expect((await setup()).status).toBe(201);
    const refused = await setup();
    expect(refused.status).toBe(422);
    expect(refused.errors()[0]?.detail).toContain('20');
  });
});

describe('a test message', () => {
  test('is sent when one is made that is enabled, signed, and its answer is kept', async () => {
    receiver.answers((response) => {
      response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': 'needle=cookie' });
      response.end('welcome');
    });
    const made = await setup({ enabled: true, token: 's3cret-token' });
    expect(made.status, made.text).toBe(201);
    const [sent] = receiver.received;
    const body = JSON.parse(sent?.body ?? '');
    expect(body).toMatchObject({
      payload_version: 1,
      notification_configuration_id: made.data().id,
      run_id: null,
      notifications: [{ trigger: 'verification' }],
    });
    const expected = createHmac('sha512', 's3cret-token')
      .update(sent?.body ?? '')
      .digest('hex');
    expect(sent?.headers['x-tfe-notification-signature']).toBe(expected);
    expect(sent?.headers['idempotency-key']).toMatch(/^nd-/);
    // Text, all of it: so go-tfe reads it.
    expect(responsesOf(made)).toEqual([
      {
        url: receiver.url,
        body: 'welcome',
        code: '201',
        headers: expect.objectContaining({ 'content-type': ['text/plain'] }),
        'sent-at': '2026-03-01T12:00:00.000Z',
        successful: 'true',
      },
    ]);
    expect(made.text).not.toMatch(/needle|s3cret/);
    expect(made.data().attributes).toMatchObject({ token: null, 'has-token': true });
  });

  test('that is not accepted makes nothing, and what came back is told', async () => {
    receiver.answers((response) => void response.writeHead(404).end('no such hook'));
    const refused = await setup({ enabled: true });
    expect(refused.status).toBe(422);
    expect(refused.errors()[0]).toMatchObject({
      code: 'notification_refused',
      detail: expect.stringContaining('404: no such hook'),
    });
    expect((await api.as(owner).get(path())).list()).toEqual([]);
  });

  test('goes nowhere inside: not on making, nor on changing', async () => {
    const { id } = (await setup({ enabled: true })).data();
    receiver.received.length = 0;
    for (const url of [
      'http://169.254.169.254/',
      'http://127.0.0.1:1/',
      `http://[::ffff:127.0.0.1]:${receiver.port}/`,
    ]) {
      const refusals = [
        await setup({ enabled: true, url }),
        await api.as(owner).patch(`/notification-configurations/${id}`, { url }),
      ];
      for (const refused of refusals) {
        expect(refused.status).toBe(422);
        expect(refused.errors()[0]?.detail).toMatch(/sends nothing there: (loopback|link-local) address/);
      }
    }
    expect(receiver.received).toEqual([]);
    expect((await api.as(owner).get(`/notification-configurations/${id}`)).data().attributes['url']).toBe(receiver.url);
  });

  test('is sent when one is enabled, or gets another address or token, and not for another name', async () => {
    const { id } = (await setup({ token: 'first' })).data();
    const patch = (attributes: object) => api.as(owner).patch(`/notification-configurations/${id}`, attributes);
    await patch({ enabled: true });
    await patch({ name: 'renamed', triggers: ['run:errored'] });
    await patch({ token: 'second' });
    await patch({ url: `${receiver.url}/other` });
    await patch({ enabled: false });
    expect(receiver.received.map((one) => one.path)).toEqual(['/hook', '/hook', '/hook/other']);
    const signed = receiver.received.map(({ body, headers }, index) => {
      const token = index === 0 ? 'first' : 'second';
      return createHmac('sha512', token).update(body).digest('hex') === headers['x-tfe-notification-signature'];
    });
    expect(signed).toEqual([true, true, true]);
    // Answers of the address before are gone.
    expect(responsesOf(await api.as(owner).get(`/notification-configurations/${id}`))).toHaveLength(1);
    await patch({ token: null, enabled: true });
    expect(receiver.received.at(-1)?.headers).not.toHaveProperty('x-tfe-notification-signature');
  });

  test('is sent when it is asked for; a failure is told, kept, and disables nothing', async () => {
    const { id } = (await setup({ enabled: true })).data();
    expect((await api.as(owner).post(`/notification-configurations/${id}/actions/verify`)).status).toBe(200);
    receiver.answers((response) => void response.writeHead(500).end('broken'));
    const refused = await api.as(owner).post(`/notification-configurations/${id}/actions/verify`);
    expect(refused.status).toBe(422);
    const after = await api.as(owner).get(`/notification-configurations/${id}`);
    expect(after.data().attributes['enabled']).toBe(true);
    expect(responsesOf(after)).toMatchObject([
      { code: '500', successful: 'false', body: 'broken' },
      { code: '200', successful: 'true' },
      { code: '200', successful: 'true' },
    ]);
  });

  test('of Slack has its form', async () => {
    await setup({ enabled: true, 'destination-type': 'slack', name: 'ops & <dev>' });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      text: expect.stringContaining('ops &amp; &lt;dev&gt;'),
    });
  });

  test('keeps the last five answers, each cut short', async () => {
    receiver.answers((response) => void response.end('y'.repeat(100_000)));
    const { id } = (await setup({ enabled: true })).data();
    for (let again = 0; again < 6; again++)
      await api.as(owner).post(`/notification-configurations/${id}/actions/verify`);
    const responses = responsesOf(await api.as(owner).get(`/notification-configurations/${id}`));
    expect(responses).toHaveLength(5);
    expect(JSON.stringify(responses).length).toBeLessThan(10_000);
  });
});

test('a member sees that there are some, not where they lead, and changes nothing', async () => {
  receiver.answers((response) => void response.end('words of the receiver'));
  const { id } = (await setup({ enabled: true, token: 'hush-token' })).data();
  for (const read of [path(), `/notification-configurations/${id}`]) {
    const answer = await api.as(member).get(read);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"ours"');
    for (const secret of [receiver.host, 'hush', 'words of the receiver']) expect(answer.text).not.toContain(secret);
  }
  const writes = [
    await setup({}, member),
    await api.as(member).patch(`/notification-configurations/${id}`, { enabled: false }),
    await api.as(member).post(`/notification-configurations/${id}/actions/verify`),
    await api.as(member).delete(`/notification-configurations/${id}`),
  ];
  expect(writes.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
});

test("another organization's is as if it did not exist", async () => {
  const { id } = (await setup()).data();
  const answers = [
    await api.as(stranger).get(path()),
    await setup({}, stranger),
    await api.as(stranger).get(`/notification-configurations/${id}`),
    await api.as(stranger).patch(`/notification-configurations/${id}`, { enabled: true }),
    await api.as(stranger).post(`/notification-configurations/${id}/actions/verify`),
    await api.as(stranger).delete(`/notification-configurations/${id}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
});

test('address, token and answers stand in clear in no row, no log and no audit record', async () => {
  receiver.answers((response) => void response.end('needle-answer'));
  const made = await setup({ enabled: true, url: `${receiver.url}/needle-path`, token: 'needle-token' });
  const { id } = made.data();
  expect(made.status).toBe(201);
  receiver.says(500);
  await api.as(owner).post(`/notification-configurations/${id}/actions/verify`);
  await setup({ enabled: true, url: 'https://needle-host.invalid/needle' });
  await setup({ url: 'https://needle:needle@receiver.example' });
  const audit = await api.as(owner).get('/organizations/acme/audit-records?page[size]=100');
  expect(audit.text).toContain('notification.created');
  expect(audit.text).toContain('notification.verified');
  const stored = ['', '-wal'].map((end) => readFileSync(`${api.databaseFile}${end}`).toString('latin1')).join();
  expect(stored).toContain(id);
  for (const place of [stored, audit.text, api.logLines.join()]) expect(place).not.toContain('needle');
});

test('a run that is queued over the api is told to whoever asked, without another request', async () => {
  await setup({ enabled: true, triggers: ['run:created'] });
  const now = api.clock.now();
  const uploaded = { status: 'uploaded' as const, createdAt: now, uploadedAt: now };
  api.database
    .insert(configurationVersions)
    .values({ id: newId('configurationVersion'), workspaceId, ...uploaded })
    .run();
  const made = await api.ask({
    method: 'POST',
    url: '/api/v2/runs',
    headers: { authorization: `Bearer ${member.token}` },
    payload: {
      data: {
        attributes: { message: 'told' },
        relationships: { workspace: { data: { id: workspaceId, type: 'workspaces' } } },
      },
    },
  });
  expect(made.status, made.text).toBe(201);
  await expect.poll(() => receiver.triggers()).toEqual(['run:created']);
  expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({
    run_id: made.data().id,
    run_url: `http://gatehouse.test/app/acme/ws-${count}/runs/${made.data().id}`,
    run_message: 'told',
    run_created_by: 'mo',
    notifications: [{ run_status: 'pending', run_updated_by: 'mo', mfa: null }],
  });
});
