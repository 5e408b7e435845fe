import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';
import { includedIn, runStage, tfeClient } from '../tfe-requests.ts';

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
  stage = runStage(api, owner);
});
afterAll(() => api.close());

const tfe = (who = member) => tfeClient(api, who);
const body = (text: string) => ({ data: { type: 'comments', attributes: { body: text } } });
const setup = async () => stage.run((await stage.workspace()).id);
const events = async (run: string, query = '') => tfe().get(`/runs/${run}/run-events${query}`);

describe('a comment', () => {
  test('is said by any member, read by id and in a list, and is an event of the run', async () => {
    const run = await setup();
    const before = Number((await tfe().get(`/runs/${run}`)).data().attributes['version']);
    const made = await tfe().post(`/runs/${run}/comments`, body('Looks good'));
    expect([made.status, made.data()]).toMatchObject([
      201,
      { type: 'comments', attributes: { body: 'Looks good', 'created-by': 'mo' } },
    ]);
    await tfe(owner).post(`/runs/${run}/comments`, body('To me too'));
    const list = await tfe().get(`/runs/${run}/comments`);
    expect(list.list().map(({ attributes }) => attributes['body'])).toEqual(['Looks good', 'To me too']);
    expect((await tfe().get(`/comments/${made.data().id}`)).data().attributes['body']).toBe('Looks good');
    const said = (await events(run)).list().filter(({ attributes }) => attributes['action'] === 'commented');
    expect(said.map(({ relationships }) => [relationships?.['actor']?.data, relationships?.['comment']?.data])).toEqual(
      [
        [
          { id: member.id, type: 'users' },
          { id: made.data().id, type: 'comments' },
        ],
        [{ id: owner.id, type: 'users' }, expect.objectContaining({ type: 'comments' })],
      ],
    );
    // Who looks at the run hears of it.
    expect(Number((await tfe().get(`/runs/${run}`)).data().attributes['version'])).toBeGreaterThan(before);
  });

  test.each(['', '   ', 'x'.repeat(2001)])('that says nothing, or too much, is refused', async (text) => {
    const run = await setup();
    const answer = await tfe().post(`/runs/${run}/comments`, body(text));
    expect([answer.status, answer.errors()[0]?.source?.pointer]).toEqual([422, '/data/attributes/body']);
    expect((await tfe().get(`/runs/${run}/comments`)).list()).toEqual([]);
  });

  test('given with a decision belongs to the event of that decision', async () => {
    const run = await setup();
    await stage.work(run, 'plan');
    await tfe().post(`/runs/${run}/actions/apply`, { comment: 'Go on' });
    await tfe().post(`/runs/${run}/actions/cancel`, { comment: 'Stop, please' });
    const answer = await events(run, '?include=actor,comment');
    const withComment = answer.list().filter(({ relationships }) => relationships?.['comment']?.data);
    expect(withComment.map(({ attributes }) => attributes['action'])).toEqual(['applyConfirmed', 'canceled']);
    const included = includedIn(answer);
    expect(included.filter(({ type }) => type === 'comments').map(({ attributes }) => attributes['body'])).toEqual([
      'Go on',
      'Stop, please',
    ]);
    expect(
      included
        .filter(({ type }) => type === 'users')
        .map(({ attributes }) => attributes['username'])
        .toSorted(),
    ).toEqual(['mo', 'olga']);
    expect((await tfe().get(`/runs/${run}/comments`)).list()).toHaveLength(2);
  });

  test('given while terraform is asked to stop stands by itself until it has stopped', async () => {
    const run = await setup();
    await stage.start(run);
    await tfe().post(`/runs/${run}/actions/cancel`, { comment: 'Too slow' });
    const actions = (await events(run)).list().map(({ attributes }) => attributes['action']);
    expect(actions.at(-1)).toBe('commented');
  });

  test('is not there for others', async () => {
    const run = await setup();
    const comment = (await tfe().post(`/runs/${run}/comments`, body('Internal'))).data();
    const event = (await events(run)).list().at(-1);
    const answers = [
      await tfe(stranger).get(`/runs/${run}/comments`),
      await tfe(stranger).post(`/runs/${run}/comments`, body('x')),
      await tfe(stranger).get(`/comments/${comment.id}`),
      await tfe(stranger).get(`/runs/${run}/run-events`),
      await tfe(stranger).get(`/run-events/${event?.id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  });
});

describe('an event of a run', () => {
  test('is read by its id, with its person and comment where they are asked for', async () => {
    const run = await setup();
    await tfe().post(`/runs/${run}/comments`, body('Read me'));
    for (const { id, attributes } of (await events(run)).list()) {
      expect((await tfe().get(`/run-events/${id}`)).data()).toMatchObject({ id, attributes });
    }
    const said = (await events(run)).list().at(-1);
    const plain = await tfe().get(`/run-events/${said?.id}`);
    expect(includedIn(plain)).toEqual([]);
    const whole = await tfe().get(`/run-events/${said?.id}?include=actor,comment`);
    expect(includedIn(whole).map(({ attributes }) => attributes)).toEqual([
      { username: 'mo', 'is-service-account': false },
      expect.objectContaining({ body: 'Read me' }),
    ]);
  });

  test('that Gatehouse made happen has no actor', async () => {
    const run = await setup();
    const [created, released] = (await events(run)).list();
    expect(created?.relationships?.['actor']?.data).toEqual({ id: owner.id, type: 'users' });
    expect(released).toMatchObject({ attributes: { by: 'gatehouse' }, relationships: { actor: { data: null } } });
  });

  test.each(['re-nothing', 're-run-1-2', 'x'])('with the id %s is not found', async (id) => {
    expect((await tfe().get(`/run-events/${id}`)).status).toBe(404);
  });
});
