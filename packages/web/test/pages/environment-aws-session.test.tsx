import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { EnvironmentSettingsPage } from '../../src/pages/environment-settings-page.tsx';
import { aCheck, aMember, anAwsSession, aTime, aWorkspace, list, probe, refusal, stagePage } from './page-stage.tsx';

const role = 'arn:aws:iam::123456784821:role/terraform';
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

async function setup(given: { isOwner?: boolean; workspace?: object; session?: object | Response } = {}) {
  const { isOwner = true, workspace = {}, session = {} } = given;
  const stage = stagePage({
    page: <EnvironmentSettingsPage />,
    path: pagePaths.settings,
    address: '/terraform/acme/environments/network-prod/settings',
    isOwner,
    answers: {
      'GET /organizations/acme/workspaces/network-prod': () => ({ data: aWorkspace({ ...workspace }) }),
      'GET /workspaces/ws-1/vars': () => list([]),
      'GET /organizations/acme/vars': () => list([]),
      'GET /workspaces/ws-1/varsets': () => list([]),
      'GET /workspaces/ws-1/runs': () => list([]),
      'GET /workspaces/ws-1/aws-session': () => (session instanceof Response ? session.clone() : anAwsSession(session)),
      'GET /organizations/acme/organization-memberships': () => list([aMember('bob', 'owner')]),
      'PATCH /workspaces/ws-1': ({ body }) => ({
        data: aWorkspace({ ...workspace, ...attributesOf(body), 'updated-at': '2026-05-03T12:10:00.000Z' }),
      }),
    },
  });
  await screen.findByText(/^No earlier plan|^Plans took|could not be read/, {}, { timeout: 5_000 });
  const change = (label: string, value: string) =>
    fireEvent.change(screen.getByLabelText(label), { target: { value } });
  const save = async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Saved.');
    return stage.writes().map(({ body }) => attributesOf(body));
  };
  return { ...stage, change, save };
}

function attributesOf(body: unknown): object {
  // As the page sends it.
  return (body as { data: { attributes: object } }).data.attributes;
}

function shown(label: string): { value: string; options: string[] } {
  const select = screen.getByLabelText<HTMLSelectElement>(label);
  const options = [...select.options];
  const chosen = options.find(({ value }) => value === select.value);
  return { value: chosen?.text ?? '', options: options.map(({ text }) => text) };
}

describe('the session length of an environment', () => {
  test('is automatic until a fixed one is chosen, and automatic again', async () => {
    const { change, save } = await setup();
    expect(shown('Session length').value).toBe('automatic (from earlier runs)');
    change('Session length', '7200');
    expect(shown('Session length').value).toBe('fixed: 2 h 00 min');
    expect(await save()).toEqual([{ 'session-duration-seconds': 7200 }]);
    change('Session length', '');
    expect((await save())[1]).toEqual({ 'session-duration-seconds': null });
  });

  test('none is offered that the role does not allow', async () => {
    await setup({ workspace: { 'role-arn': role, 'role-max-session-seconds': 14400 } });
    expect(shown('Session length').options.at(-1)).toBe('fixed: 4 h 00 min');
  });

  test('a role has at most 12 hours, and whatever is saved is offered', async () => {
    await setup({ workspace: { 'role-arn': role, 'session-duration-seconds': 5400 } });
    const { value, options } = shown('Session length');
    expect(value).toBe('fixed: 1 h 30 min');
    expect(options.at(-1)).toBe('fixed: 12 h 00 min');
  });

  test('says what earlier runs took and how long a session is asked for', async () => {
    await setup({
      session: {
        apply: { 'earlier-runs': 17, 'p95-seconds': 2470, 'expected-seconds': 3480, 'duration-seconds': 3480 },
        plan: { 'earlier-runs': 2, 'p95-seconds': 40 },
      },
    });
    const lines = [...screen.getByTestId('session-forecast').children].map(({ textContent }) => textContent);
    expect(lines).toEqual([
      'Plans took up to 40 s (p95 of 2, too few to go by); a session of 1 h 00 min is asked for.',
      'Applies took up to 42 min (p95 of 17); a session of 58 min is asked for.',
    ]);
    expect(screen.getByText('AWS session').textContent).toBe('AWS session');
  });

  test('says without earlier runs that there are none', async () => {
    await setup();
    expect(screen.getByText('No earlier apply to go by; a session of 1 h 00 min is asked for.')).toBeTruthy();
  });

  const tooShort = {
    'earlier-runs': 17,
    'p95-seconds': 6000,
    'expected-seconds': 7800,
    'duration-seconds': 3600,
    'limit-seconds': 3600,
    'is-enough': false,
  };

  test('one that AWS cannot make long enough says what to lengthen, and that another code is asked for', async () => {
    await setup({ workspace: { 'role-arn': role, 'mfa-level': 'applies_only' }, session: { apply: tooShort } });
    const notice = within(screen.getByTestId('session-forecast')).getByRole('note');
    expect(notice.textContent).toBe(
      'The session would end before the apply does.AWS gives at most 1 h 00 min here. The apply needs about 2 h 10 min. ' +
        "Lengthen the role's longest session, in IAM and here. Else another code is asked for while the apply runs.",
    );
    expect(screen.getByText('a session would be too short')).toBeTruthy();
  });

  test('where no code can be asked for on the way, none is promised', async () => {
    await setup({
      workspace: { 'role-arn': role, 'mfa-level': 'applies_only', 'aws-credentials-delivery': 'environment' },
      session: { apply: tooShort },
    });
    expect(screen.getByTestId('session-forecast').textContent).not.toContain('another code');
  });

  test('a fixed one that is too short is to be chosen longer', async () => {
    await setup({ session: { apply: { ...tooShort, 'limit-seconds': 129600 } } });
    const notice = within(screen.getByTestId('session-forecast')).getByRole('note');
    expect(notice.textContent).toContain('Choose a longer session, or automatic.');
  });

  test('what is saved is forecast anew', async () => {
    const { answers, change, save } = await setup();
    answers['GET /workspaces/ws-1/aws-session'] = () => anAwsSession({ apply: { 'duration-seconds': 7200 } });
    change('Session length', '7200');
    await save();
    await screen.findByText('No earlier apply to go by; a session of 2 h 00 min is asked for.');
  });
});

describe('what plans may do with a role', () => {
  test('is to read, unless policies are listed', async () => {
    const { change, save } = await setup({ workspace: { 'role-arn': role } });
    expect(shown('Managed policies of plans').value).toBe('read-only: ReadOnlyAccess of AWS (default)');
    expect(screen.getByText(readOnly)).toBeTruthy();
    change('Managed policies of plans', 'listed');
    change('ARNs of the policies', `${readOnly}\n arn:aws:iam::123456784821:policy/plans \n`);
    expect(await save()).toEqual([{ 'plan-policy-arns': [readOnly, 'arn:aws:iam::123456784821:policy/plans'] }]);
  });

  test('an emptied list is the default again, never no policy at all', async () => {
    const { change, save } = await setup({ workspace: { 'role-arn': role, 'plan-policy-arns': [readOnly] } });
    change('ARNs of the policies', '\n');
    expect(await save()).toEqual([{ 'plan-policy-arns': null }]);
  });

  test('none has to be chosen, and says what that means', async () => {
    const { change, save } = await setup({ workspace: { 'role-arn': role } });
    change('Managed policies of plans', 'none');
    expect(screen.getByText('A plan may do all that the role may, as its apply.')).toBeTruthy();
    expect(await save()).toEqual([{ 'plan-policy-arns': [] }]);
  });

  test('beside a session policy the default adds nothing', async () => {
    const { change } = await setup({ workspace: { 'role-arn': role } });
    change('Session policy of plans', '{}');
    expect(screen.getByText('The session policy below says alone what a plan may do.')).toBeTruthy();
    expect(screen.queryByText(readOnly)).toBeNull();
  });

  test('without a role there is nothing to choose, and clearing the role clears it', async () => {
    const { change, save } = await setup({
      workspace: { 'role-arn': role, 'plan-policy-arns': [readOnly], 'role-max-session-seconds': 14400 },
    });
    change('Role ARN', '');
    expect(screen.queryByLabelText('Managed policies of plans')).toBeNull();
    expect(screen.queryByLabelText("Role's longest session")).toBeNull();
    expect(await save()).toEqual([{ 'role-arn': null, 'plan-policy-arns': null, 'role-max-session-seconds': null }]);
  });

  test("the role's longest session is an hour until it is told", async () => {
    const { change, save } = await setup({ workspace: { 'role-arn': role } });
    expect(shown("Role's longest session").value).toBe('1 h 00 min, as AWS sets it for a new role');
    change("Role's longest session", '14400');
    expect(await save()).toEqual([{ 'role-max-session-seconds': 14400 }]);
  });

  test('a refused policy is blamed beside the list', async () => {
    const { answers, change } = await setup({ workspace: { 'role-arn': role } });
    answers['PATCH /workspaces/ws-1'] = () =>
      refusal(422, 'invalid_request', 'A policy is named by its ARN.', '/data/attributes/plan-policy-arns');
    change('Managed policies of plans', 'listed');
    change('ARNs of the policies', 'nonsense');
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('A policy is named by its ARN.');
    expect(screen.getByLabelText('ARNs of the policies').getAttribute('aria-invalid')).toBe('true');
  });

  test('typing a list and typing it back is no change', async () => {
    const { change } = await setup({ workspace: { 'role-arn': role, 'plan-policy-arns': [readOnly] } });
    change('ARNs of the policies', `${readOnly}\nmore`);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(false);
    change('ARNs of the policies', readOnly);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true);
  });
});

describe('the trust policy of the role', () => {
  const policy = { Version: '2012-10-17', Statement: [{ Sid: 'Gatehouse' }] };
  const trust = { tags: true, 'source-identity': false, 'role-arn': role, 'seen-at': aTime, policy };

  test('what it lacks is named, with the whole policy to paste', async () => {
    await setup({
      workspace: { 'role-arn': role },
      session: { trust: { ...trust, missing: ['sts:SetSourceIdentity'] } },
    });
    expect(screen.getByText("The role's trust policy does not allow sts:SetSourceIdentity.")).toBeTruthy();
    const block = screen.getByRole('region', { name: 'trust policy' });
    expect(JSON.parse(block.textContent ?? '')).toEqual(policy);
    expect(screen.getByRole('button', { name: 'Copy trust policy' })).toBeTruthy();
    expect(screen.getByText("the role's trust policy lacks something")).toBeTruthy();
  });

  test('one that lacks nothing says so', async () => {
    await setup({ workspace: { 'role-arn': role }, session: { trust: { ...trust, missing: [] } } });
    expect(screen.getByText(/lets sessions say whose they are/)).toBeTruthy();
    expect(screen.queryByRole('region', { name: 'trust policy' })).toBeNull();
  });
});

describe('accepted identities', () => {
  test('each choice says what it means, and is saved', async () => {
    const { change, save } = await setup();
    expect(shown('Accepted AWS identities')).toEqual({
      value: "the organization's",
      options: ["the organization's", "members' own", 'both'],
    });
    expect(screen.getByText(/^Everybody answers with the one device/)).toBeTruthy();
    change('Accepted AWS identities', 'both');
    expect(screen.getByText(/^Who has registered an AWS identity answers with it/)).toBeTruthy();
    change('Accepted AWS identities', 'members');
    expect(screen.getByText(/^Who answers needs an AWS identity of their own/)).toBeTruthy();
    expect(await save()).toEqual([{ 'accepted-identities': 'members' }]);
  });

  test("with members' own and no role, terraform has the rights of whoever answers", async () => {
    const { change } = await setup();
    const words = 'Terraform has the rights of whoever answers.';
    expect(screen.queryByText(words)).toBeNull();
    change('Accepted AWS identities', 'members');
    expect(screen.getByText(words)).toBeTruthy();
    change('Role ARN', role);
    expect(screen.queryByText(words)).toBeNull();
  });

  test("with members' own the variables are not required", async () => {
    const { change } = await setup({ workspace: { 'mfa-level': 'applies_only' } });
    const missing = /^Until all three are set/;
    expect(await screen.findByText(missing)).toBeTruthy();
    change('Accepted AWS identities', 'members');
    expect(screen.getByText(/^Not required for codes: members answer with AWS identities of their own\./)).toBeTruthy();
    expect(screen.queryByText(missing)).toBeNull();
    expect(screen.getByRole('list', { name: 'Needed for codes' }).textContent).not.toContain('missing');
  });
});

describe('the other things around it', () => {
  test('who is no owner reads all of it and changes none', async () => {
    await setup({ isOwner: false, workspace: { 'role-arn': role } });
    for (const label of [
      'Accepted AWS identities',
      'Session length',
      "Role's longest session",
      'Managed policies of plans',
      'Session policy of plans',
      'Terraform gets the session',
    ]) {
      expect(screen.getByLabelText<HTMLInputElement>(label).disabled, label).toBe(true);
    }
    expect(screen.queryByRole('button', { name: 'Check AWS set-up' })).toBeNull();
  });

  test('undo brings back what is saved', async () => {
    const { change } = await setup({ workspace: { 'role-arn': role } });
    change('Managed policies of plans', 'none');
    change('Session length', '7200');
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(shown('Managed policies of plans').value).toContain('read-only');
    expect(shown('Session length').value).toContain('automatic');
  });

  test('the fields stay where the forecast does not come', async () => {
    await setup({ session: refusal(500, 'internal', 'It failed.') });
    expect(screen.getByText(/^How long earlier runs took could not be read/)).toBeTruthy();
    expect(screen.getByLabelText('Session length')).toBeTruthy();
    expect(screen.queryByTestId('session-forecast')).toBeNull();
  });

  test('where members answer as themselves, everybody may check their own identity with the role', async () => {
    const { answers, writes } = await setup({
      isOwner: false,
      workspace: { 'role-arn': role, 'accepted-identities': 'both' },
    });
    answers['POST /organizations/acme/aws-checks'] = () => aCheck([probe('role', 'passed')]);
    expect(screen.queryByLabelText('What to check')).toBeNull();
    expect(screen.getByText(/^With a code device and role are tried too/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Check AWS set-up' }));
    await screen.findByText('Everything is right.');
    expect(attributesOf(writes()[0]?.body)).toEqual({ identity: 'own', 'workspace-id': 'ws-1' });
  });

  test('an owner chooses whose identity is checked', async () => {
    const { answers, change, writes } = await setup({ workspace: { 'accepted-identities': 'members' } });
    answers['POST /organizations/acme/aws-checks'] = () => aCheck([probe('keys', 'skipped')]);
    fireEvent.click(screen.getByRole('button', { name: 'Check AWS set-up' }));
    await screen.findByText('Nothing could be looked at; why stands beside it.');
    change('What to check', 'own');
    expect(screen.queryByRole('list', { name: 'What the check found' })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Check AWS set-up' }));
    await screen.findByRole('list', { name: 'What the check found' });
    expect(writes().map(({ body }) => attributesOf(body))).toEqual([
      { identity: 'organization', 'workspace-id': 'ws-1' },
      { identity: 'own', 'workspace-id': 'ws-1' },
    ]);
  });

  test('an owner checks the set-up as runs of this environment find it', async () => {
    const { answers, writes } = await setup();
    answers['POST /organizations/acme/aws-checks'] = () => aCheck([probe('role', 'passed')]);
    fireEvent.click(screen.getByRole('button', { name: 'Check AWS set-up' }));
    await screen.findByText('Everything is right.');
    expect(attributesOf(writes()[0]?.body)).toEqual({ identity: 'organization', 'workspace-id': 'ws-1' });
  });
});
