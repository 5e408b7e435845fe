import { newId } from '@gatehouse/shared/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/store/database.ts';
import { updatePhase } from '../../src/store/phases.ts';
import { configurationVersions } from '../../src/store/schema/workspaces.ts';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let people: { olga: Person; mia: Person; sam: Person };
beforeAll(async () => {
  api = await startApi();
  people = { olga: await api.person('olga'), mia: await api.person('mia'), sam: await api.person('sam') };
  await api.organization('acme', { owner: people.olga, member: people.mia });
  await api.organization('other', { owner: people.sam });
  const keys = {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'not/a/real/secret/but/as/long/as/one1234',
    AWS_MFA_SERIAL_NUMBER: 'arn:aws:iam::123456789012:mfa/olga',
  };
  for (const [key, value] of Object.entries(keys)) {
    const made = await api.as(people.olga).post('/organizations/acme/vars', { key, value, category: 'env' });
    expect(made.status, made.text).toBe(201);
  }
});
afterAll(() => api.close());

let count = 0;
async function setup(mfaLevel = 'never', more: { upload?: boolean } = {}) {
  const attributes = { name: `ws-${++count}`, 'mfa-level': mfaLevel };
  const workspace = (await api.as(people.olga).post('/organizations/acme/workspaces', attributes)).data();
  const cv = newId('configurationVersion');
  const at = api.clock.now();
  if (more.upload !== false) {
    const values = { id: cv, workspaceId: workspace.id, status: 'uploaded' as const, createdAt: at, uploadedAt: at };
    api.database.insert(configurationVersions).values(values).run();
  }
  return { workspaceId: workspace.id, cv };
}

const ask = (who: Person, method: 'GET' | 'POST', path: string, payload?: object | string) =>
  api.ask({
    method,
    url: `/api/v2${path}`,
    headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/vnd.api+json' },
    ...(payload === undefined ? {} : { payload }),
  });

function runBody(workspaceId: string, attributes: object = {}, cv?: string) {
  const configuration =
    cv === undefined ? {} : { 'configuration-version': { data: { id: cv, type: 'configuration-versions' } } };
  return {
    data: {
      type: 'runs',
      attributes,
      relationships: { workspace: { data: { id: workspaceId, type: 'workspaces' } }, ...configuration },
    },
  };
}

const fleet = (path: string, payload: object, token = api.config.workerToken.reveal()) =>
  api.ask({ method: 'POST', url: `/api/worker/v1${path}`, headers: { authorization: `Bearer ${token}` }, payload });

describe('a run on the API', () => {
  test('has all that the terraform CLI would crash without', async () => {
    const { workspaceId, cv } = await setup('plans_and_applies');
    const made = await ask(
      people.mia,
      'POST',
      '/runs',
      runBody(workspaceId, { message: 'hello', 'auto-apply': false, variables: [] }, cv),
    );
    expect(made.status, made.text).toBe(201);
    expect(made.headers['content-type']).toContain('application/vnd.api+json');
    const run = made.data();
    expect(run).toMatchObject({
      type: 'runs',
      attributes: {
        status: 'plan_queued',
        'gatehouse-status': 'awaiting_mfa',
        message: 'hello',
        'has-changes': false,
        'created-at': expect.stringMatching(/Z$/),
        permissions: { 'can-apply': true, 'can-force-cancel': false },
        actions: { 'is-cancelable': true, 'is-confirmable': false, 'is-discardable': true, 'is-authenticatable': true },
        mfa: { phase: 'plan', state: 'awaiting', serial: 'arn:aws:iam::********9012:mfa/olga', 'attempts-left': 5 },
      },
      relationships: {
        plan: { data: { type: 'plans' } },
        apply: { data: { type: 'applies' } },
        workspace: { data: { id: workspaceId } },
        'configuration-version': { data: { id: cv } },
        'created-by': { data: { id: people.mia.id } },
      },
    });
    const read = await ask(people.olga, 'GET', `/runs/${run.id}?include=plan,apply,workspace,task_stages,created_by`);
    const { included } = JSON.parse(read.text);
    expect(included.map(({ type }: { type: string }) => type)).toEqual(['plans', 'applies', 'workspaces', 'users']);
    expect(included[0].attributes).toMatchObject({ status: 'mfa_waiting', mfa: { state: 'awaiting' } });
    expect(included[0].attributes['log-read-url']).toMatch(/^http:\/\/gatehouse\.test\/api\/v2\/logs\//);
    expect(included[1].attributes).toMatchObject({ status: 'pending', mfa: null });
    for (const [path, type] of [
      [`/plans/${included[0].id}`, 'plans'],
      [`/applies/${included[1].id}`, 'applies'],
    ] as const) {
      expect((await ask(people.mia, 'GET', path)).data().type).toBe(type);
    }
    const planPath = `/api/v2/plans/${included[0].id}`;
    expect(included[0].links).toEqual({ self: planPath });
    expect(included[1].links).toEqual({ self: `/api/v2/applies/${included[1].id}` });
    inTransaction(api.database, (transaction) => updatePhase(transaction, run.id, 'plan', { hasPlanJson: true }));
    const withJson = await ask(people.mia, 'GET', `/plans/${included[0].id}`);
    expect(JSON.parse(withJson.text).data.links).toEqual({ self: planPath, 'json-output': `${planPath}/json-output` });
    const events = (await ask(people.mia, 'GET', `/runs/${run.id}/run-events`)).list();
    expect(events.map(({ attributes }) => attributes['action'])).toEqual([
      'changed_task_enforcements',
      'created',
      'planMfaRequired',
    ]);
    expect(events[0]?.attributes['description']).toContain(`/runs/${run.id}`);
  });

  test('of no version, said with null as go-tfe says it, takes the newest', async () => {
    const { workspaceId, cv } = await setup();
    const body = runBody(workspaceId);
    const relationships = { ...body.data.relationships, 'configuration-version': { data: null } };
    const made = await ask(people.mia, 'POST', '/runs', { data: { ...body.data, relationships } });
    expect(made.status, made.text).toBe(201);
    expect(made.data().relationships?.['configuration-version']?.data).toMatchObject({ id: cv });
    const nowhere = { ...relationships, workspace: { data: null } };
    const refused = await ask(people.mia, 'POST', '/runs', { data: { ...body.data, relationships: nowhere } });
    expect(refused.status).toBe(422);
  });

  test('behind one that waits for a code says so where the terraform CLI looks', async () => {
    const { workspaceId, cv } = await setup('plans_and_applies');
    const holder = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const behind = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const events = (await ask(people.mia, 'GET', `/runs/${behind.id}/run-events`)).list();
    const told = events.filter(({ attributes }) => attributes['action'] === 'changed_task_enforcements');
    expect(
      told.map(({ attributes }) => String(attributes['description']).replace(/ Enter it at .*|: http.*/, '')),
    ).toEqual(['This run needs an AWS MFA code.', `This run is behind ${holder.id}, which waits for an AWS MFA code`]);
    expect(told[1]?.attributes['description']).toContain(`/runs/${holder.id}`);
  });

  test('is queued by a body that names no more than its workspace', async () => {
    const { workspaceId } = await setup();
    const body = { data: { relationships: { workspace: { data: { id: workspaceId } } } } };
    expect((await ask(people.mia, 'POST', '/runs', body)).status).toBe(201);
  });

  test('is not there for others: every path answers 404', async () => {
    const { workspaceId, cv } = await setup();
    const run = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const plan = JSON.parse((await ask(people.mia, 'GET', `/runs/${run.id}?include=plan,apply`)).text).included;
    const gets = ['', '/run-events'].map((end) => `/runs/${run.id}${end}`);
    gets.push(
      `/plans/${plan[0].id}`,
      `/plans/${plan[0].id}/json-output`,
      `/applies/${plan[1].id}`,
      `/workspaces/${workspaceId}/runs`,
      '/organizations/acme/runs',
      '/organizations/acme/mfa-challenges',
    );
    for (const path of gets) expect((await ask(people.sam, 'GET', path)).status, path).toBe(404);
    for (const action of ['apply', 'discard', 'cancel', 'force-cancel', 'authenticate']) {
      const answer = await ask(
        people.sam,
        'POST',
        `/runs/${run.id}/actions/${action}`,
        action === 'authenticate' ? { 'token-code': '123456' } : {},
      );
      expect(answer.status, action).toBe(404);
    }
    expect((await ask(people.sam, 'POST', '/runs', runBody(workspaceId, {}, cv))).status).toBe(404);
    expect(
      (
        await ask(people.sam, 'POST', '/organizations/acme/actions/authenticate', {
          'token-code': '123456',
          'run-ids': [run.id],
        })
      ).status,
    ).toBe(404);
  });

  test('is refused with the field to blame, and nothing is queued', async () => {
    const { workspaceId, cv } = await setup();
    const cases = [
      [runBody(workspaceId, { nonsense: 1 }, cv), 422, '/data/attributes/nonsense'],
      [runBody(workspaceId, { 'is-destroy': 'yes' }, cv), 422, '/data/attributes/is-destroy'],
      [runBody(workspaceId, { 'is-destroy': true, 'refresh-only': true }, cv), 422, '/data/attributes/refresh-only'],
      [runBody(workspaceId, {}, 'cv-none'), 422, '/data/relationships/configuration-version'],
    ] as const;
    for (const [body, status, pointer] of cases) {
      const answer = await ask(people.mia, 'POST', '/runs', body);
      expect([answer.status, answer.errors()[0]?.source?.pointer]).toEqual([status, pointer]);
    }
    expect((await ask(people.mia, 'POST', '/runs', '{"data":')).status).toBe(400);
    expect((await ask(people.mia, 'POST', '/runs', { data: { attributes: {} } })).status).toBe(422);
    expect((await ask(people.mia, 'GET', `/workspaces/${workspaceId}/runs`)).list()).toEqual([]);
  });

  test('is listed newest first, by page and status', async () => {
    const { workspaceId, cv } = await setup();
    const ids: string[] = [];
    for (let index = 0; index < 3; index++)
      ids.push((await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data().id);
    await ask(people.mia, 'POST', '/runs', runBody(workspaceId, { 'plan-only': true }, cv));
    const first = await ask(people.mia, 'GET', `/workspaces/${workspaceId}/runs?page[size]=2`);
    expect(first.list().map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(JSON.parse(first.text).meta.pagination).toMatchObject({
      'total-count': 3,
      'total-pages': 2,
      'next-page': 2,
    });
    const pending = await ask(people.mia, 'GET', `/workspaces/${workspaceId}/runs?filter[status]=pending,applied`);
    expect(pending.list()).toHaveLength(2);
    const waiting = await ask(people.mia, 'GET', '/organizations/acme/runs?filter[status]=awaiting_mfa');
    expect(waiting.list().every(({ attributes }) => attributes['gatehouse-status'] === 'awaiting_mfa')).toBe(true);
  });
});

test('what waits for its turn or for a worker is told to members, with its place', async () => {
  const { workspaceId, cv } = await setup();
  const first = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
  const second = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
  const queue = await ask(people.mia, 'GET', '/organizations/acme/runs/queue?page[size]=100');
  const place = (id: string) => Number(queue.list().find((run) => run.id === id)?.attributes['position-in-queue']);
  expect(place(second.id)).toBe(place(first.id) + 1);
  const capacity = (await ask(people.mia, 'GET', '/organizations/acme/capacity')).data();
  expect(capacity.attributes).toEqual({ pending: queue.list().length, running: expect.any(Number) });
  for (const path of ['runs/queue', 'capacity']) {
    expect((await ask(people.sam, 'GET', `/organizations/acme/${path}`)).status).toBe(404);
  }
});

describe('an action', () => {
  test('is accepted with 202 and no body, as go-tfe sends it; refused with 409 in the wrong state', async () => {
    const { workspaceId, cv } = await setup();
    const run = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const apply = await ask(people.mia, 'POST', `/runs/${run.id}/actions/apply`, {});
    expect([apply.status, apply.errors()[0]?.code]).toEqual([409, 'invalid_transition']);
    expect(apply.errors()[0]?.detail).toContain('Run was not paused for confirmation');
    expect((await ask(people.mia, 'POST', `/runs/${run.id}/actions/force-cancel`, {})).status).toBe(403);
    expect((await ask(people.mia, 'POST', `/runs/${run.id}/actions/cancel`, { comment: 'wrong branch' })).status).toBe(
      202,
    );
    const canceled = (await ask(people.mia, 'GET', `/runs/${run.id}`)).data();
    expect(canceled.attributes).toMatchObject({ status: 'canceled', 'end-reason': 'canceled' });
    expect(canceled.attributes['force-cancel-available-at']).not.toBeNull();
    expect((await ask(people.mia, 'POST', `/runs/${run.id}/actions/discard`)).status).toBe(409);
  });

  test('with a code: the fleet exchanges it, the answer is the run; both forms of body are taken', async () => {
    const { workspaceId, cv } = await setup('plans_and_applies');
    const run = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const listed = (await ask(people.mia, 'GET', '/organizations/acme/mfa-challenges')).list();
    const challenge = listed.find(({ relationships }) => JSON.stringify(relationships).includes(run.id));
    expect(challenge?.attributes).toMatchObject({ phase: 'plan', state: 'awaiting', 'run-created-by': 'mia' });

    const answer = ask(people.mia, 'POST', `/runs/${run.id}/actions/authenticate`, {
      data: { attributes: { 'token-code': '271828' } },
    });
    const claimPath = `/challenges/${challenge?.id}/claim`;
    await expect
      .poll(async () => (await ask(people.mia, 'GET', `/runs/${run.id}`)).text)
      .toContain('"state":"exchanging"');
    expect((await fleet(claimPath, { workerId: 'w', attempt: 0 }, 'wrong')).status).toBe(401);
    const claim = await fleet(claimPath, { workerId: 'w', attempt: 0 });
    expect([claim.status, JSON.parse(claim.text).targets[0].session.runId]).toEqual([200, run.id]);
    expect(claim.text).not.toContain('not/a/real/secret');
    expect((await fleet(claimPath, { workerId: 'w2', attempt: 0 })).status).toBe(409);
    const { recordWorkerReport } = await import('../../src/services/record-worker-report.ts');
    const session = { accessKeyId: 'ASIATEST', expiresAt: '2026-03-01T13:00:00Z' };
    await recordWorkerReport(api.parts, {
      type: 'mfa_authenticated',
      challengeId: challenge?.id ?? '',
      attempt: 0,
      ...session,
    });
    expect((await answer).data().attributes).toMatchObject({
      status: 'plan_queued',
      'gatehouse-status': 'plan_queued',
      mfa: { state: 'authenticated', 'authenticated-by': 'mia', 'session-access-key-id': 'ASIATEST' },
    });
    const phase = await fleet(`/runs/${run.id}/phases/plan/claim`, { workerId: 'w' });
    expect([phase.status, JSON.parse(phase.text).aws]).toEqual([200, { source: 'challenge' }]);
    expect((await fleet(`/runs/${run.id}/phases/plan/claim`, { workerId: 'w2' })).status).toBe(409);
    expect(api.logLines.join('')).not.toContain('271828');
  });

  test.each([
    [{ 'token-code': '12345678901' }, 'mfa_code_invalid_format'],
    [{ 'token-code': 98_765_432_101 }, 'invalid_request'],
    [{ 'token-code': 'ab98765c' }, 'mfa_code_invalid_format'],
    [{ code: '9876543' }, 'invalid_request'],
    [{}, 'invalid_request'],
  ])('with something that is no code (%o) answers 422 and does not repeat it', async (body, expected) => {
    const { workspaceId, cv } = await setup('plans_and_applies');
    const run = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const answer = await ask(people.mia, 'POST', `/runs/${run.id}/actions/authenticate`, body);
    expect([answer.status, answer.errors()[0]?.code]).toEqual([422, expected]);
    expect(answer.text).not.toMatch(/98765|12345678901/);
  });

  test('with a code for a run that waits for none answers 409', async () => {
    const { workspaceId, cv } = await setup();
    const run = (await ask(people.mia, 'POST', '/runs', runBody(workspaceId, {}, cv))).data();
    const answer = await ask(people.mia, 'POST', `/runs/${run.id}/actions/authenticate`, { 'token-code': '123456' });
    expect([answer.status, answer.errors()[0]?.code]).toEqual([409, 'mfa_not_awaited']);
    const batch = await ask(people.mia, 'POST', '/organizations/acme/actions/authenticate', {
      'token-code': '123456',
      'run-ids': [run.id],
    });
    expect(batch.status).toBe(200);
    expect(batch.list()[0]?.attributes).toMatchObject({
      outcome: 'failed',
      error: { status: '409', code: 'mfa_not_awaited' },
    });
  });
});

test('a heartbeat needs the worker token, and hears what is to stop', async () => {
  const beat = {
    name: 'w',
    version: '1',
    concurrency: 2,
    sandbox: 'bubblewrap',
    draining: false,
    claims: ['claim-old'],
  };
  expect((await fleet('/workers/worker-1/heartbeat', beat, people.olga.token)).status).toBe(401);
  const answer = await fleet('/workers/worker-1/heartbeat', beat);
  expect(JSON.parse(answer.text)).toEqual({
    stop: [{ claimId: 'claim-old', mode: 'kill', cause: 'canceled' }],
    notes: [],
  });
});
