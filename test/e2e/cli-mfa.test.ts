import { document } from '@gatehouse/dev/api-client';
import { authenticateRun, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFolder, type CliProcess, cliFolder } from './cli-folder.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

/** The real terraform CLI and a run that needs a code: what its terminal shows, how it ends, what the server knows. */
let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse({ workerEnvironment: { GATEHOUSE_CONCURRENCY: '4' } });
});
afterAll(() => gatehouse?.stop());

/** An initialized folder with a workspace of its own. */
async function setup(name: string, mfaLevel: string, attributes: Record<string, unknown> = {}): Promise<CliFolder> {
  await gatehouse.workspace(name, { 'mfa-level': mfaLevel, ...attributes });
  const folder = await cliFolder(gatehouse, { workspace: name, files: smallConfiguration });
  const { exitCode, all } = await folder.terraform(['init']);
  expect(exitCode, all).toBe(0);
  return folder;
}

/** The run that the terminal names. */
async function runOf(terminal: Pick<CliProcess, 'output' | 'until'>) {
  await terminal.until(/\/runs\/run-\w+/);
  return { id: /run-\w+/.exec(terminal.output())?.[0] ?? '' };
}

const read = async (run: { id: string }) => (await readRun(gatehouse.api, run.id)).attributes;
const applied = async (run: { id: string }) => waitForRun(gatehouse.api, run.id, ['applied']);
const yes = 'yes\n';

describe.concurrent('a plan that needs a code', () => {
  test('tells of the wait before any code is given: what, which device, where, until when; then it streams', async () => {
    const folder = await setup('cli-plan', 'plans_and_applies');
    const terminal = folder.inTerminal(['plan']);
    const run = await runOf(terminal);
    await terminal.until(/Waiting until .* UTC/);
    expect(terminal.output()).toMatch(/Warning: This run waits for an AWS MFA code\. Enter it at http.*\/runs\/run-/);
    expect(terminal.output()).toMatch(
      new RegExp(
        [
          'AWS MFA required before the plan may start\\.',
          'Enter a code of arn:aws:iam::\\*{8}9012:mfa/gatehouse at',
          `  ${gatehouse.stack.url}/app/demo/cli-plan/runs/${run.id}`,
          'or send {"token-code": "123456"} with an API token to',
          `  ${gatehouse.stack.url}/api/v2/runs/${run.id}/actions/authenticate`,
          'Waiting until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\.',
        ].join('\\n'),
      ),
    );
    expect(await read(run)).toMatchObject({
      status: 'plan_queued',
      'gatehouse-status': 'awaiting_mfa',
      'plan-only': true,
      mfa: { phase: 'plan', state: 'awaiting', 'attempts-left': 5 },
    });

    // A wrong code is told in the terminal as well, and changes nothing else.
    const wrong = await gatehouse.wrongCode();
    await expect(authenticateRun(gatehouse.api, run.id, wrong)).rejects.toThrow();
    await terminal.until(/Code of `demo` refused\..*4 tries are left\./s);
    expect(terminal.output()).not.toContain(wrong);

    await gatehouse.authenticate(run);
    const { exitCode, all } = await terminal.ended;
    expect(all).toMatch(/4 tries are left\.\nAuthenticated with MFA by `demo`\n.*Plan: 2 to add, 0 to change/s);
    expect(exitCode).toBe(0);
    expect(await read(run)).toMatchObject({ status: 'planned_and_finished', 'end-reason': 'plan_only' });
  });

  test('stops at Ctrl-C with a non-zero exit, and goes on waiting on the server until it is discarded', async () => {
    const folder = await setup('cli-plan-interrupt', 'plans_and_applies');
    const terminal = folder.inTerminal(['plan']);
    const run = await runOf(terminal);
    await terminal.until(/Waiting until/);
    terminal.interrupt();
    expect((await terminal.ended).exitCode).toBe(1);
    expect(await read(run)).toMatchObject({ 'gatehouse-status': 'awaiting_mfa' });
    await gatehouse.api.call('POST', `/api/v2/runs/${run.id}/actions/discard`, {});
    expect(await read(run)).toMatchObject({ status: 'discarded' });
  });

  test('ends non-zero when somebody cancels the run while it waits', async () => {
    const folder = await setup('cli-plan-canceled', 'plans_and_applies');
    const terminal = folder.inTerminal(['plan']);
    const run = await runOf(terminal);
    await terminal.until(/Waiting until/);
    await gatehouse.api.call('POST', `/api/v2/runs/${run.id}/actions/cancel`, {});
    const { exitCode, all } = await terminal.ended;
    expect(all).toContain('Canceled by `demo`.');
    expect(exitCode).toBe(1);
  });
});

describe.concurrent('an apply that needs a code', () => {
  test('applies_only: no code for the plan; after "yes" the terminal asks, and the code starts the apply', async () => {
    const folder = await setup('cli-applies-only', 'applies_only');
    const terminal = folder.inTerminal(['apply']);
    const run = await runOf(terminal);
    await terminal.until(/Enter a value:/);
    expect(terminal.output()).toMatch(/Warning: This run needs an AWS MFA code/);
    expect(terminal.output()).not.toContain('Authenticated');
    terminal.type(yes);
    await terminal.until(
      /AWS MFA required before the apply may start\.\nEnter a code of .*\n.*\/runs\/run-.*Waiting until/s,
    );
    expect(await read(run)).toMatchObject({ status: 'apply_queued', mfa: { phase: 'apply', state: 'awaiting' } });
    await gatehouse.authenticate(run);
    const { exitCode, all } = await terminal.ended;
    expect(all).toMatch(/Authenticated with MFA by `demo`\n.*Apply complete! Resources: 2 added.*result = "first"/s);
    expect(exitCode).toBe(0);
    await applied(run);
  });

  test('plans_and_applies: a code of its own for each phase', async () => {
    const folder = await setup('cli-both', 'plans_and_applies');
    const terminal = folder.inTerminal(['apply']);
    const run = await runOf(terminal);
    await terminal.until(/Waiting until/);
    await gatehouse.authenticate(run);
    await terminal.until(/Enter a value:/);
    terminal.type(yes);
    await terminal.until(/MFA required before the apply/);
    await gatehouse.authenticate(run);
    const { exitCode, all } = await terminal.ended;
    expect(all.match(/Authenticated with MFA by `demo`/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
    await applied(run);
  });

  test('-auto-approve does not go round the code', async () => {
    const folder = await setup('cli-auto-approve', 'applies_only');
    const terminal = folder.start(['apply', '-auto-approve']);
    const run = await runOf(terminal);
    await terminal.until(/MFA required before the apply may start/);
    expect(await read(run)).toMatchObject({ 'auto-apply': true, 'gatehouse-status': 'awaiting_mfa' });
    await gatehouse.authenticate(run);
    expect(await terminal.ended).toMatchObject({ exitCode: 0, all: expect.stringContaining('Apply complete!') });
  });

  test('a code given elsewhere while the terminal asks is the confirmation', async () => {
    const folder = await setup('cli-code-confirms', 'applies_only');
    const terminal = folder.inTerminal(['apply']);
    const run = await runOf(terminal);
    await terminal.until(/Enter a value:/);
    await gatehouse.authenticate(run);
    const { exitCode, all } = await terminal.ended;
    expect(all).toMatch(/approved using the UI or API.*Apply complete!/is);
    expect(exitCode).toBe(0);
  });

  test('Ctrl-C while the plan waits asks whether to cancel: "yes" cancels the run', async () => {
    const folder = await setup('cli-apply-interrupt', 'plans_and_applies');
    const terminal = folder.inTerminal(['apply']);
    const run = await runOf(terminal);
    await terminal.until(/Waiting until/);
    terminal.interrupt();
    await terminal.until(/Do you want to cancel the remote operation\?.*Enter a value:/s);
    terminal.type(yes);
    expect((await terminal.ended).all).toContain('The remote operation was successfully cancelled.');
    expect(await read(run)).toMatchObject({ status: 'canceled' });
  });

  test('Ctrl-C while the apply waits: "no" leaves the run waiting, and a code still starts it', async () => {
    const folder = await setup('cli-apply-wait-interrupt', 'applies_only');
    const terminal = folder.inTerminal(['apply']);
    const run = await runOf(terminal);
    await terminal.until(/Enter a value:/);
    terminal.type(yes);
    await terminal.until(/MFA required before the apply may start/);
    terminal.interrupt();
    await terminal.until(/Do you want to cancel the remote operation\?.*Enter a value:/s);
    terminal.type('no\n');
    expect((await terminal.ended).all).toContain('The remote operation was not cancelled.');
    expect(await read(run)).toMatchObject({ 'gatehouse-status': 'awaiting_mfa' });
    await gatehouse.authenticate(run);
    await applied(run);
  });

  test('Ctrl-C with -auto-approve cancels without a question', async () => {
    const folder = await setup('cli-auto-approve-interrupt', 'applies_only');
    const terminal = folder.inTerminal(['apply', '-auto-approve']);
    const run = await runOf(terminal);
    await terminal.until(/MFA required before the apply may start/);
    terminal.interrupt();
    await terminal.ended;
    expect(await read(run)).toMatchObject({ status: 'canceled' });
  });

  test('a run behind one that waits for a code says so, and what it is behind', async () => {
    const folder = await setup('cli-behind', 'plans_and_applies');
    const holder = folder.start(['apply']);
    const held = await runOf(holder);
    await holder.until(/Waiting until/);
    const terminal = folder.inTerminal(['apply']);
    const behind = await runOf(terminal);
    await terminal.until(/Waiting for 1 run\(s\) to finish before being queued/);
    expect(terminal.output()).toContain(
      `Warning: This run is behind ${held.id}, which waits for an AWS MFA code: http`,
    );
    expect(await read(behind)).toMatchObject({ status: 'pending', 'behind-run-id': held.id });
    holder.kill();
    await gatehouse.api.call('POST', `/api/v2/runs/${held.id}/actions/discard`, {});
    await terminal.until(/MFA required before the plan may start/);
    await gatehouse.authenticate(behind);
    await terminal.until(/Enter a value:/);
    // Any other answer than "yes" discards the run.
    terminal.type('no\n');
    expect((await terminal.ended).exitCode).toBe(1);
    expect(await read(behind)).toMatchObject({ status: 'discarded' });
  });

  test('that lacks an AWS variable is refused when it is queued, and the terminal names the variable', async () => {
    const { api } = gatehouse;
    await api.call(
      'POST',
      '/api/v2/organizations',
      document('organizations', { name: 'bare', email: 'a@example.com' }),
    );
    const workspace = document('workspaces', { name: 'prod', 'mfa-level': 'applies_only' });
    await api.call('POST', '/api/v2/organizations/bare/workspaces', workspace);
    const folder = await cliFolder(gatehouse, { organization: 'bare', workspace: 'prod', files: smallConfiguration });
    expect((await folder.terraform(['init'])).exitCode).toBe(0);
    const { exitCode, all } = await folder.terraform(['apply']);
    expect(all.replace(/\s+/g, ' ')).toContain('MFA needs the environment variables AWS_ACCESS_KEY_ID,');
    expect(exitCode).toBe(1);
  });
});
