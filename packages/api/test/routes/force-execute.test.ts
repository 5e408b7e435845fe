import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';
import { runStage, tfeClient } from '../tfe-requests.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let stranger: Person;
let stage: ReturnType<typeof runStage>;
beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
  await api.organization('acme', { owner, member });
  const variables = {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'not/a/real/secret/but/as/long/as/one1234',
    AWS_MFA_SERIAL_NUMBER: 'arn:aws:iam::123456789012:mfa/olga',
  };
  for (const [key, value] of Object.entries(variables)) {
    await api.as(owner).post('/organizations/acme/vars', { key, value, category: 'env' });
  }
  stage = runStage(api, owner);
});
afterAll(() => api.close());

// go-tfe sends no body.
const force = (run: string, who = owner) => tfeClient(api, who).post(`/runs/${run}/actions/force-execute`);

/** One run that holds the workspace, one behind it, and the one that is to go first. */
async function setup(attributes: object = {}) {
  const { id } = await stage.workspace(attributes);
  return { id, holder: await stage.run(id), between: await stage.run(id), run: await stage.run(id) };
}

describe('force-execute', () => {
  test('discards what is before a run, and starts it', async () => {
    const { holder, between, run } = await setup();
    await stage.work(holder, 'plan');
    const later = await stage.run(
      (await api.as(owner).get(`/runs/${run}`)).data().attributes['workspace-id'] as string,
    );
    expect((await force(run)).status).toBe(202);
    expect([await stage.status(holder), await stage.status(between)]).toEqual(['discarded', 'discarded']);
    expect([await stage.status(run), await stage.status(later)]).toEqual(['plan_queued', 'pending']);
    const events = (await api.as(owner).get(`/runs/${holder}/run-events`)).list();
    expect(events.at(-1)?.attributes).toMatchObject({ by: 'olga', reason: expect.stringContaining(run) });
    const audit = await api.as(owner).get('/organizations/acme/audit-records?filter[action]=run.force_executed');
    expect(audit.list()[0]?.attributes).toMatchObject({ 'target-id': run, details: { ended: [between, holder] } });
  });

  test('cancels a holder that waits for a worker', async () => {
    const { holder, run } = await setup();
    expect((await force(run)).status).toBe(202);
    expect([await stage.status(holder), await stage.status(run)]).toEqual(['canceled', 'plan_queued']);
  });

  test('starts a run that needs a code by waiting for it', async () => {
    const { holder, run } = await setup({ 'mfa-level': 'plans_and_applies' });
    expect((await force(run)).status).toBe(202);
    expect(await stage.status(holder)).toBe('discarded');
    expect((await api.as(owner).get(`/runs/${run}`)).data().attributes['gatehouse-status']).toBe('awaiting_mfa');
  });

  test('is refused while terraform runs, and nothing changes', async () => {
    const { holder, between, run } = await setup();
    await stage.start(holder);
    const answer = await force(run);
    expect([answer.status, answer.errors()[0]?.detail]).toEqual([409, expect.stringContaining('is planning')]);
    expect([await stage.status(holder), await stage.status(between), await stage.status(run)]).toEqual([
      'planning',
      'pending',
      'pending',
    ]);
  });

  test('is refused for a run that waits behind no other, and for one behind a person’s lock', async () => {
    const { id, holder, run } = await setup();
    expect((await force(holder)).errors()[0]?.code).toBe('invalid_transition');
    for (const each of [holder, run]) await tfeClient(api, owner).post(`/runs/${each}/actions/cancel`, {});
    const { id: free } = await stage.workspace();
    await tfeClient(api, owner).post(`/workspaces/${free}/actions/lock`, '');
    expect((await force(await stage.run(free))).status).toBe(409);
    expect((await force('run-nonexisting')).status).toBe(404);
    expect(id).not.toBe(free);
  });

  test('is for owners, who are told so beforehand', async () => {
    const { run, between } = await setup();
    const permission = async (who: Person) =>
      (await api.as(who).get(`/runs/${run}`)).data().attributes['permissions'] as Record<string, boolean>;
    expect((await permission(owner))['can-force-execute']).toBe(true);
    expect((await permission(member))['can-force-execute']).toBe(false);
    expect((await force(run, member)).status).toBe(403);
    expect((await force(run, stranger)).status).toBe(404);
    expect(await stage.status(between)).toBe('pending');
  });
});
