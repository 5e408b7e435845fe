import { findWorkspace, readOutputs, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFolder, type CliFolderOptions, type CliProcess, cliFolder } from './cli-folder.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

/** Runs of the real terraform CLI that need no code: each command, its terminal, its exit code, and what the server made of it. */
let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse({ workerEnvironment: { GATEHOUSE_CONCURRENCY: '4' } });
});
afterAll(() => gatehouse?.stop());

const yes = 'yes\n';
const withVariable = {
  'main.tf': `
variable "word" { default = "hello" }
resource "terraform_data" "one" { input = var.word }
resource "terraform_data" "two" { input = "fixed" }
output "word" { value = terraform_data.one.output }
`,
};

/** An initialized folder; `init` makes the workspace. */
async function setup(
  name: string,
  files: CliFolderOptions['files'] = withVariable,
  more: Partial<CliFolderOptions> = {},
): Promise<CliFolder> {
  const folder = await cliFolder(gatehouse, { workspace: name, files, ...more });
  const { exitCode, all } = await folder.terraform(['init']);
  expect(exitCode, all).toBe(0);
  return folder;
}

async function runNamedIn(output: string) {
  const id = /run-\w+/.exec(output)?.[0] ?? '';
  return { id, ...(await readRun(gatehouse.api, id)).attributes };
}

async function runOf(terminal: Pick<CliProcess, 'output' | 'until'>) {
  await terminal.until(/\/runs\/run-\w+/);
  return runNamedIn(terminal.output());
}

const workspaceId = (name: string) => findWorkspace(gatehouse.api, gatehouse.stack.dev.organization, name);

describe.concurrent('plan', () => {
  test('streams a plan that can never be applied, under the address of its page', async () => {
    const folder = await setup('plan');
    const { exitCode, all } = await folder.terraform(['plan', '-var', 'word=given']);
    expect(all).toContain('To view this run in a browser, visit:');
    expect(all).toMatch(/\+ input {2}= "given".*Plan: 2 to add, 0 to change, 0 to destroy\./s);
    expect(exitCode).toBe(0);
    expect(await runNamedIn(all)).toMatchObject({
      status: 'planned_and_finished',
      source: 'tfe-api',
      'plan-only': true,
      'has-changes': true,
    });
  });

  test('a configuration that cannot be planned ends non-zero, with terraform’s own error', async () => {
    const folder = await setup('plan-fails', {
      'main.tf': 'resource "terraform_data" "x" { input = file("missing") }',
    });
    const { exitCode, all } = await folder.terraform(['plan']);
    expect(all).toContain('Invalid value for "path" parameter');
    expect(exitCode).toBe(1);
    expect(await runNamedIn(all)).toMatchObject({ status: 'errored', 'end-reason': 'terraform_failed' });
  });

  test('-target, -replace, -refresh-only, -refresh=false and -destroy reach terraform', async () => {
    const folder = await setup('plan-options');
    expect((await folder.terraform(['apply', '-auto-approve'])).exitCode).toBe(0);
    const [target, replace, refreshOnly, noRefresh, destroy] = await Promise.all([
      folder.terraform(['plan', '-target=terraform_data.one', '-var=word=other']),
      folder.terraform(['plan', '-replace=terraform_data.two']),
      folder.terraform(['plan', '-refresh-only']),
      folder.terraform(['plan', '-refresh=false']),
      folder.terraform(['plan', '-destroy']),
    ]);
    expect(target.all).toMatch(/Plan: 0 to add, 1 to change, 0 to destroy/);
    expect(await runNamedIn(target.all)).toMatchObject({ 'target-addrs': ['terraform_data.one'] });
    expect(replace.all).toMatch(
      /terraform_data\.two will be replaced, as requested.*Plan: 1 to add, 0 to change, 1 to destroy/s,
    );
    expect(await runNamedIn(replace.all)).toMatchObject({ 'replace-addrs': ['terraform_data.two'] });
    expect(refreshOnly.all).toContain('No changes. Your infrastructure still matches the configuration.');
    expect(await runNamedIn(refreshOnly.all)).toMatchObject({ 'refresh-only': true });
    expect(noRefresh.all).not.toContain('Refreshing state');
    expect(await runNamedIn(noRefresh.all)).toMatchObject({ refresh: false });
    expect(destroy.all).toMatch(/Plan: 0 to add, 0 to change, 2 to destroy/);
    expect(await runNamedIn(destroy.all)).toMatchObject({ 'is-destroy': true });
    for (const { exitCode, all } of [target, replace, refreshOnly, noRefresh, destroy]) expect(exitCode, all).toBe(0);
  });
});

describe.concurrent('apply and destroy', () => {
  test('ask, apply what was planned, and destroy it again', async () => {
    const folder = await setup('apply');
    const apply = folder.inTerminal(['apply', '-var=word=given']);
    await apply.until(/Do you want to perform these actions in workspace "apply"\?.*Enter a value:/s);
    apply.type(yes);
    const applied = await apply.ended;
    expect(applied.all).toMatch(/Apply complete! Resources: 2 added, 0 changed, 0 destroyed\..*word = "given"/s);
    expect(applied.exitCode).toBe(0);
    expect(await runNamedIn(applied.all)).toMatchObject({ status: 'applied', 'auto-apply': false });
    expect(await readOutputs(gatehouse.api, await workspaceId('apply'))).toEqual({ word: 'given' });

    const again = await folder.terraform(['apply', '-var=word=given']);
    expect(again.all).toContain('No changes. Your infrastructure matches the configuration.');
    expect(again.exitCode).toBe(0);
    expect(await runNamedIn(again.all)).toMatchObject({ status: 'planned_and_finished', 'end-reason': 'no_changes' });

    const destroy = folder.inTerminal(['destroy']);
    await destroy.until(/Do you really want to destroy all resources in workspace "apply"\?.*Enter a value:/s);
    destroy.type(yes);
    expect((await destroy.ended).all).toMatch(/Apply complete! Resources: 0 added, 0 changed, 2 destroyed\./);
    expect((await folder.terraform(['state', 'list'])).stdout.trim()).toBe('');
  });

  test('any other answer than "yes" discards the run, with a non-zero exit', async () => {
    const folder = await setup('apply-no');
    const apply = folder.inTerminal(['apply']);
    await apply.until(/Enter a value:/);
    apply.type('no\n');
    const { exitCode, all } = await apply.ended;
    expect(exitCode).toBe(1);
    expect(await runNamedIn(all)).toMatchObject({ status: 'discarded' });
  });

  test('what is decided on the page while the terminal asks is told in the terminal', async () => {
    const [confirmed, discarded] = await Promise.all([setup('page-confirms'), setup('page-discards')]);
    const [yesThere, noThere] = [confirmed.inTerminal(['apply']), discarded.inTerminal(['apply'])];
    await Promise.all([yesThere.until(/Enter a value:/), noThere.until(/Enter a value:/)]);
    const act = async (terminal: CliProcess, action: string) =>
      gatehouse.api.call('POST', `/api/v2/runs/${(await runOf(terminal)).id}/actions/${action}`, {});
    await Promise.all([act(yesThere, 'apply'), act(noThere, 'discard')]);
    expect(await yesThere.ended).toMatchObject({
      exitCode: 0,
      all: expect.stringMatching(/approved using the UI or API/),
    });
    expect(await noThere.ended).toMatchObject({
      exitCode: 1,
      all: expect.stringMatching(/discarded using the UI or API/),
    });
  });

  test('an apply that fails ends non-zero and keeps what it had done', async () => {
    // It lasts until the CLI has looked at the run after the plan: of one that has failed already it shows no apply
    // (backend_apply.go, `r.Status == tfe.RunErrored`).
    const folder = await setup('apply-fails', {
      'main.tf': `
resource "terraform_data" "well" {}
resource "terraform_data" "fails" {
  input = terraform_data.well.id
  provisioner "local-exec" { command = "sleep 2; exit 3" }
}
`,
    });
    const { exitCode, all } = await folder.terraform(['apply', '-auto-approve']);
    expect(all).toMatch(/local-exec provisioner error/);
    expect(exitCode).toBe(1);
    expect(await runNamedIn(all)).toMatchObject({ status: 'errored', 'auto-apply': true });
    expect((await folder.terraform(['state', 'list'])).stdout).toContain('terraform_data.well');
  });

  test('Ctrl-C at the question leaves the plan to be decided on', async () => {
    const folder = await setup('prompt-interrupt');
    const apply = folder.inTerminal(['apply']);
    await apply.until(/Enter a value:/);
    const run = await runOf(apply);
    apply.interrupt();
    // Its exit code is 0: terraform looks at the run, which is well, and not at what was pressed. Which of its two words
    // for that it still gets to say is a matter of luck.
    expect((await apply.ended).all).toMatch(/Interrupt received|Error asking approve: interrupted/);
    expect((await readRun(gatehouse.api, run.id)).attributes.status).toBe('planned');
    await gatehouse.api.call('POST', `/api/v2/runs/${run.id}/actions/discard`, {});
  });

  test('Ctrl-C in a running plan stops the stream, and the plan comes to its end on the server', async () => {
    const folder = await setup('plan-interrupt', {
      'main.tf':
        'data "terraform_remote_state" "slow" {\n  backend = "http"\n  config  = { address = "http://203.0.113.1/" }\n}',
    });
    const plan = folder.inTerminal(['plan']);
    await plan.until(/Gatehouse: worker/);
    const run = await runOf(plan);
    plan.interrupt();
    expect((await plan.ended).exitCode).toBe(1);
    // A plan has nothing to lose: the CLI leaves it alone, and it ends by itself.
    await waitForRun(gatehouse.api, run.id, ['errored']);
  });

  test('Ctrl-C in a running apply cancels it when asked to: terraform stops in an orderly way', async () => {
    const folder = await setup('apply-interrupt', {
      'main.tf': `
resource "terraform_data" "slow" {
  provisioner "local-exec" { command = "trap 'exit 1' INT; echo it begins; sleep 60 & wait" }
}
`,
    });
    const apply = folder.inTerminal(['apply']);
    await apply.until(/Enter a value:/);
    apply.type(yes);
    await apply.until(/it begins/);
    const run = await runOf(apply);
    apply.interrupt();
    await apply.until(/Do you want to cancel the remote operation\?.*Enter a value:/s);
    apply.type(yes);
    expect((await apply.ended).all).toContain('The remote operation was successfully cancelled.');
    await waitForRun(gatehouse.api, run.id, ['canceled']);
  });
});

describe.concurrent('a workspace that is busy', () => {
  test('locked by hand: the terminal says so, and goes on when it is unlocked', async () => {
    const folder = await setup('locked');
    const path = `/api/v2/workspaces/${await workspaceId('locked')}/actions`;
    await gatehouse.api.call('POST', `${path}/lock`, { reason: 'maintenance' });
    const apply = folder.start(['apply', '-auto-approve']);
    await apply.until(/Waiting for the manually locked workspace to be unlocked/);
    await gatehouse.api.call('POST', `${path}/unlock`);
    expect(await apply.ended).toMatchObject({ exitCode: 0, all: expect.stringContaining('Apply complete!') });
  });

  test('-lock-timeout gives up waiting, and the run is canceled', async () => {
    const folder = await setup('lock-timeout');
    await gatehouse.api.call('POST', `/api/v2/workspaces/${await workspaceId('lock-timeout')}/actions/lock`, {});
    const apply = folder.inTerminal(['apply', '-auto-approve', '-lock-timeout=2s']);
    const run = await runOf(apply);
    await apply.until(/Lock timeout exceeded/);
    await apply.ended;
    await waitForRun(gatehouse.api, run.id, ['canceled']);
  });

  test('Ctrl-C while pending asks, and cancels', async () => {
    const folder = await setup('pending-interrupt');
    await gatehouse.api.call('POST', `/api/v2/workspaces/${await workspaceId('pending-interrupt')}/actions/lock`, {});
    const apply = folder.inTerminal(['apply']);
    const run = await runOf(apply);
    await apply.until(/manually locked workspace/);
    apply.interrupt();
    await apply.until(/Enter a value:/);
    apply.type(yes);
    await apply.ended;
    expect((await readRun(gatehouse.api, run.id)).attributes.status).toBe('canceled');
  });
});

test.concurrent('console answers with the state and the variables of the workspace', async () => {
  const folder = await setup('console');
  expect((await folder.terraform(['apply', '-auto-approve'])).exitCode).toBe(0);
  const { exitCode, stdout } = await folder.terraform(['console'], { input: 'terraform_data.one.output\n' });
  expect(stdout).toContain('"hello"');
  expect(exitCode).toBe(0);
});

test.concurrent('backend "remote" plans and applies as the cloud block does', async () => {
  const folder = await setup('older-backend', smallConfiguration, { backend: 'remote' });
  const plan = await folder.terraform(['plan']);
  expect(plan).toMatchObject({ exitCode: 0, all: expect.stringContaining('Plan: 2 to add') });
  const apply = folder.inTerminal(['apply']);
  await apply.until(/Enter a value:/);
  apply.type(yes);
  expect(await apply.ended).toMatchObject({ exitCode: 0, all: expect.stringContaining('Apply complete!') });
  expect((await folder.terraform(['output', '-raw', 'result'])).stdout).toBe('first');
});

test.concurrent('without a token, or with one that was revoked, terraform says so', async () => {
  const folder = await setup('no-token');
  const without = await folder.terraform(['plan'], { environment: { TF_TOKEN_gatehouse_test: undefined } });
  expect(without).toMatchObject({ exitCode: 1, all: expect.stringMatching(/token/i) });
  const revoked = await folder.terraform(['plan'], { token: 'gh_revoked' });
  expect(revoked).toMatchObject({ exitCode: 1, all: expect.stringMatching(/unauthorized|not found/i) });
});
