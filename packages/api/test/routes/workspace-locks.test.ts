import { newId } from '@gatehouse/shared/ids';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertConfigurationVersion } from '../../src/store/configuration-versions.ts';
import { inTransaction } from '../../src/store/database.ts';
import { insertRun } from '../../src/store/runs.ts';
import { runs } from '../../src/store/schema/runs.ts';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let owner: Person;
let member: Person;

beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  await api.organization('acme', { owner, member });
});
afterAll(() => api.close());

let counter = 0;
async function setup() {
  counter++;
  const made = await api.as(owner).post('/organizations/acme/workspaces', { name: `ws-${counter}` });
  return `/workspaces/${made.data().id}/actions`;
}

test('a member locks and unlocks', async () => {
  const actions = await setup();
  const locked = await api.as(member).post(`${actions}/lock`, { reason: 'Locked by Terraform' });
  expect(locked.status).toBe(200);
  expect(locked.data().attributes).toMatchObject({ locked: true, 'lock-reason': 'Locked by Terraform' });
  expect(locked.data().relationships?.['locked-by']?.data).toEqual({ id: member.id, type: 'users' });
  const unlocked = await api.as(member).post(`${actions}/unlock`);
  expect(unlocked.data().attributes).toMatchObject({ locked: false, 'lock-reason': null });
});

describe('a lock that was taken with a token', () => {
  async function lockedWith(tokenPath: string) {
    const actions = await setup();
    const token = String((await api.as(owner).post(tokenPath, {})).data().attributes['token']);
    const locked = await api.as({ token }).post(`${actions}/lock`, { reason: 'deploy' });
    const refused = await api.as(member).post(`${actions}/unlock`);
    const holder = locked.data().relationships?.['locked-by']?.data;
    return { actions, holder, detail: refused.errors()[0]?.detail };
  }

  test("of a team is the team's", async () => {
    const team = (await api.as(owner).post('/organizations/acme/teams', { name: 'deploy' })).data();
    const { actions, holder, detail } = await lockedWith(`/teams/${team.id}/authentication-token`);
    expect(holder).toEqual({ id: team.id, type: 'teams' });
    expect(detail).toMatch(/is locked by Team deploy \("deploy"\)/);
    const read = await api.as(member).get(`${actions.replace('/actions', '')}?include=locked_by`);
    expect(JSON.parse(read.text).included).toEqual([{ id: team.id, type: 'teams', attributes: { name: 'deploy' } }]);
    // The lock outlives the team; its account's name is then all that is left.
    expect((await api.as(owner).delete(`/teams/${team.id}`)).status).toBe(204);
    expect((await api.as(member).post(`${actions}/unlock`)).errors()[0]?.detail).toMatch(/by User api-team_deploy/);
  });

  test("of an organization is its account's", async () => {
    const { holder, detail } = await lockedWith('/organizations/acme/authentication-token');
    expect(holder).toMatchObject({ type: 'users' });
    expect(detail).toMatch(/is locked by User api-org-acme/);
  });
});

// As the clients send it: a document with an empty type, plain JSON, nothing with the media type, nothing at all.
const bodies: [string, object][] = [
  ['a document', { payload: '{"data":{"type":"","attributes":{"reason":"x"}}}' }],
  ['plain JSON', { payload: '{"reason":"x"}' }],
  ['an empty body', { payload: '' }],
];
test.each(bodies)('a lock is taken with %s', async (_what, body) => {
  const actions = await setup();
  const headers = { authorization: `Bearer ${member.token}`, 'content-type': 'application/vnd.api+json' };
  const answer = await api.ask({ method: 'POST', url: `/api/v2${actions}/lock`, headers, ...body });
  expect(answer.status).toBe(200);
});

test('what is locked cannot be locked again, and the answer says by whom', async () => {
  const actions = await setup();
  await api.as(member).post(`${actions}/lock`, { reason: 'migration' });
  const again = await api.as(owner).post(`${actions}/lock`);
  expect(again.status).toBe(409);
  expect(again.errors()[0]).toMatchObject({ code: 'workspace_locked' });
  expect(again.errors()[0]?.detail).toMatch(/is locked by User mo \("migration"\)/);
});

test("somebody else's lock is taken away by force, by owners only", async () => {
  const actions = await setup();
  await api.as(owner).post(`${actions}/lock`);
  const refused = await api.as(member).post(`${actions}/unlock`);
  expect(refused.status).toBe(409);
  expect(refused.errors()[0]?.detail).toMatch(/is locked by User olga/);
  expect((await api.as(member).post(`${actions}/force-unlock`)).status).toBe(403);
  await api.as(owner).post(`${actions}/unlock`);
  await api.as(member).post(`${actions}/lock`);
  expect((await api.as(owner).post(`${actions}/force-unlock`)).data().attributes['locked']).toBe(false);
});

test('what is not locked cannot be unlocked', async () => {
  expect((await api.as(owner).post(`${await setup()}/unlock`)).status).toBe(409);
});

/** A run that holds its workspace, as the run core would have left it. */
async function setupHeld() {
  const actions = await setup();
  const workspaceId = actions.split('/')[2] ?? '';
  const now = api.clock.now();
  const configurationVersionId = await insertConfigurationVersion(api.database, {
    workspaceId,
    speculative: false,
    autoQueueRuns: false,
    provisional: false,
    createdBy: owner.id,
    createdAt: now,
  });
  const id = newId('run');
  inTransaction(api.database, (transaction) =>
    insertRun(transaction, {
      id,
      organization: 'acme',
      workspaceId,
      configurationVersionId,
      targetAddrs: [],
      replaceAddrs: [],
      mfaLevel: 'never',
      terraformVersion: 'latest',
      workingDirectory: '',
      sessionDurationSeconds: 3600,
      awsDelivery: 'endpoint',
      sealedVariables: '',
      createdByName: 'olga',
      createdAt: now,
    }),
  );
  api.database.update(runs).set({ status: 'planning' }).where(eq(runs.id, id)).run();
  return { actions, id, workspace: `/workspaces/${workspaceId}` };
}

describe('a workspace that a run holds', () => {
  test('is neither locked, unlocked nor force-unlocked, and the answer names the run', async () => {
    const { actions, id } = await setupHeld();
    for (const action of ['lock', 'unlock', 'force-unlock']) {
      const answer = await api.as(owner).post(`${actions}/${action}`);
      expect(answer.status, action).toBe(409);
      expect(answer.errors()[0]?.detail).toContain(`is locked by Run ${id}`);
    }
  });

  test('shows it as the current run, and is not deleted', async () => {
    const { id, workspace } = await setupHeld();
    const { relationships } = (await api.as(member).get(workspace)).data();
    expect(relationships?.['current-run']?.data).toEqual({ id, type: 'runs' });
    for (const answer of [
      await api.as(owner).delete(workspace),
      await api.as(owner).post(`${workspace}/actions/safe-delete`),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.errors()[0]?.detail).toMatch(/being processed/);
    }
    expect((await api.as(owner).get(workspace)).status).toBe(200);
  });
});
