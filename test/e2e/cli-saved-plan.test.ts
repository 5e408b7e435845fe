// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are terraform's templates
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { document } from '@gatehouse/dev/api-client';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type CliFolder, cliFolder } from './cli-folder.ts';
import { type Gatehouse, startGatehouse } from './stack.ts';

/** The real terraform CLI with plans that are kept in a file, and with structured output. */
let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse({ workerEnvironment: { GATEHOUSE_CONCURRENCY: '4' } });
});
afterAll(() => gatehouse?.stop());

/** The first is known to Gatehouse, as the value of a sensitive variable, the second to terraform alone. */
const secret = 'Zq9-secret-word';
const marked = 'Xk3-marked-word';
const files = {
  'main.tf': `
variable "word" { default = "first" }
variable "secret" {}
resource "terraform_data" "plain" { input = { word = var.word, list = [1, "two", null, { deep = true }] } }
resource "terraform_data" "secret" {
  input = { text = "\${var.secret}-\${var.word}", list = [var.secret, sensitive("${marked}")], number = sensitive(4711) }
}
resource "terraform_data" "hidden" { input = sensitive({ "${marked}" = [1, 2] }) }
output "word" { value = var.word }
output "secret" {
  value     = "\${var.secret}-\${var.word}"
  sensitive = true
}
`,
};

type Attributes = Record<string, unknown>;

/** An initialized folder with a workspace of its own. */
async function setup(name: string, attributes: Attributes, more: Record<string, string> = {}) {
  const workspaceId = await gatehouse.workspace(name, attributes);
  const variable = { key: 'secret', value: secret, category: 'terraform', sensitive: true };
  await gatehouse.api.call('POST', `/api/v2/workspaces/${workspaceId}/vars`, document('vars', variable));
  const folder = await cliFolder(gatehouse, { workspace: name, files: { ...files, ...more } });
  expect((await folder.terraform(['init'])).exitCode).toBe(0);
  return { folder, workspaceId };
}

/** `terraform plan -out=F`, and the run that the file names. */
async function savePlan(folder: CliFolder, file = 'F', args: string[] = []) {
  const { exitCode, all } = await folder.terraform(['plan', `-out=${file}`, ...args]);
  expect(exitCode, all).toBe(0);
  const bookmark = JSON.parse(await readFile(path.join(folder.directory, file), 'utf8'));
  const { run_id: id } = z.object({ run_id: z.string() }).parse(bookmark);
  return { id, all };
}

const attributesOf = async (run: { id: string }) => (await readRun(gatehouse.api, run.id)).attributes;

describe.concurrent('a saved plan', () => {
  test('is shown with its sensitive values hidden, applied once, and says so the second time', async () => {
    const { folder } = await setup('saved', { 'mfa-level': 'never' });
    const run = await savePlan(folder);
    expect(await attributesOf(run)).toMatchObject({
      status: 'planned_and_saved',
      'save-plan': true,
      'plan-only': false,
      actions: { 'is-confirmable': true, 'is-discardable': true, 'is-cancelable': false },
    });

    const shown = await folder.terraform(['show', 'F']);
    expect(shown.exitCode, shown.all).toBe(0);
    expect(shown.all).toMatch(/# terraform_data\.plain will be created\n.*\+ word = "first"/s);
    expect(shown.all).toMatch(/text += "\(sensitive value\)-first"/);
    expect(shown.all).toContain('Plan: 3 to add, 0 to change, 0 to destroy.');
    expect(shown.all).toMatch(/Changes to Outputs:\n.*secret = \(sensitive value\)\n.*word += "first"/s);
    expect(shown.all).toMatch(/Run status: planned and saved \(confirmable\)\s+Workspace is unlocked/);
    for (const word of [secret, marked]) expect(shown.all).not.toContain(word);
    const json = await folder.terraform(['show', '-json', 'F']);
    expect(JSON.parse(json.stdout)).toMatchObject({ format_version: '1.2', resource_changes: expect.any(Array) });

    const applied = await folder.terraform(['apply', 'F']);
    expect(applied.exitCode, applied.all).toBe(0);
    expect(applied.all).toContain('Apply complete! Resources: 3 added');
    expect(applied.all).not.toContain(secret);
    await waitForRun(gatehouse.api, run.id, ['applied']);

    const again = await folder.terraform(['apply', 'F']);
    expect(again.exitCode).toBe(1);
    expect(again.all).toContain('Saved plan is already applied');

    // A change of what is there, drawn by the same CLI.
    await savePlan(folder, 'G', ['-var=word=second']);
    const change = await folder.terraform(['show', 'G']);
    expect(change.exitCode, change.all).toBe(0);
    expect(change.all).toMatch(/~ word += "first" -> "second"/);
    expect(change.all).toContain('Plan: 0 to add, 2 to change, 0 to destroy.');
    expect(change.all).not.toContain(secret);
  });

  test('waits for its code at the apply, which the terminal tells of; the code starts it', async () => {
    const { folder } = await setup('saved-mfa', { 'mfa-level': 'applies_only' });
    const run = await savePlan(folder);
    expect(await attributesOf(run)).toMatchObject({
      status: 'planned_and_saved',
      mfa: { phase: 'apply', state: 'awaiting', 'deadline-at': null },
    });
    const applying = folder.start(['apply', 'F']);
    await applying.until(/AWS MFA required before the apply may start\.[\s\S]*Waiting until/);
    expect(await attributesOf(run)).toMatchObject({ status: 'apply_queued', 'gatehouse-status': 'awaiting_mfa' });
    await gatehouse.authenticate(run);
    const { exitCode, all } = await applying.ended;
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(/Authenticated with MFA by `demo`[\s\S]*Apply complete! Resources: 3 added/);
  });

  test('is refused while another run holds the workspace, which is named, and goes through afterwards', async () => {
    const { folder, workspaceId } = await setup('saved-held', { 'mfa-level': 'never' });
    const run = await savePlan(folder);
    const holder = await gatehouse.queueRun(workspaceId, files);
    await waitForRun(gatehouse.api, holder.id, ['planned']);
    const refused = await folder.terraform(['apply', 'F']);
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.all)).toContain(`The workspace saved-held is locked by Run ${holder.id}.`);
    expect(unwrapped(refused.all)).toContain('stays saved: apply it when the workspace is free.');
    expect(await attributesOf(run)).toMatchObject({ status: 'planned_and_saved' });
    await gatehouse.api.call('POST', `/api/v2/runs/${holder.id}/actions/discard`, {});
    const applied = await folder.terraform(['apply', 'F']);
    expect(applied.exitCode, applied.all).toBe(0);
  });

  test('is discarded when another run changes the state, and `apply` says so', async () => {
    const { folder, workspaceId } = await setup('saved-outdated', { 'mfa-level': 'never' });
    const run = await savePlan(folder);
    const other = await gatehouse.queueRun(workspaceId, files, { 'auto-apply': true });
    await waitForRun(gatehouse.api, other.id, ['applied']);
    await waitForRun(gatehouse.api, run.id, ['discarded']);
    expect(await attributesOf(run)).toMatchObject({ 'end-reason': 'plan_outdated' });
    const { exitCode, all } = await folder.terraform(['apply', 'F']);
    expect(exitCode).toBe(1);
    expect(all).toContain('Saved plan is discarded');
  });

  test('that writes configuration is refused, in words', async () => {
    const { folder } = await setup('saved-generate', { 'mfa-level': 'never' });
    const { exitCode, all } = await folder.terraform(['plan', '-generate-config-out=generated.tf']);
    expect(exitCode).toBe(1);
    expect(unwrapped(all)).toContain('Configuration is not generated here');
  });
});

describe.concurrent('structured output', () => {
  const structured = { 'structured-run-output-enabled': true };

  test('is drawn by the terminal: plan and apply with their counts, sensitive values hidden', async () => {
    const { folder } = await setup('structured', { 'mfa-level': 'never', ...structured });
    const plan = await folder.terraform(['plan']);
    expect(plan.exitCode, plan.all).toBe(0);
    expect(plan.all).toContain('Plan: 3 to add, 0 to change, 0 to destroy.');
    expect(plan.all.match(/Plan: 3 to add/g)).toHaveLength(1);
    expect(plan.all).toMatch(/# terraform_data\.plain will be created/);
    const apply = await folder.terraform(['apply', '-auto-approve']);
    expect(apply.exitCode, apply.all).toBe(0);
    expect(apply.all).toContain('terraform_data.plain: Creation complete');
    expect(apply.all).toContain('Apply complete! Resources: 3 added, 0 changed, 0 destroyed.');
    expect(apply.all).toMatch(/Outputs:\n(.*\n)?word = "first"/);
    expect(apply.all).toContain('secret = (sensitive value)');
    for (const { all } of [plan, apply]) {
      expect(all).toContain('Gatehouse: plan finished: 3 to add, 0 to change, 0 to destroy.');
      expect(all).not.toMatch(/"@level"|"@message"/);
      for (const word of [secret, marked]) expect(all).not.toContain(word);
    }
  });

  test('lets our own lines through, of the wait for a code among them', async () => {
    const { folder } = await setup('structured-mfa', { 'mfa-level': 'applies_only', ...structured });
    const applying = folder.start(['apply', '-auto-approve']);
    await applying.until(/AWS MFA required before the apply may start\.[\s\S]*Waiting until/);
    await gatehouse.authenticate({ id: /run-\w+/.exec(applying.output())?.[0] ?? '' });
    const { exitCode, all } = await applying.ended;
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(
      /Waiting until[\s\S]*Authenticated with MFA by `demo`[\s\S]*Apply complete! Resources: 3 added/,
    );
  });

  test('of an apply that fails ends non-zero, with the error drawn', async () => {
    // With -auto-approve the CLI looks at the run once the plan's log has ended, and shows no log of an apply that has failed by then.
    const command = 'echo told; sleep 4; exit 3';
    const failing = `resource "terraform_data" "bad" {\n  provisioner "local-exec" { command = "${command}" }\n}\n`;
    const { folder } = await setup('structured-failing', structured, { 'main.tf': failing });
    const { exitCode, all } = await folder.terraform(['apply', '-auto-approve']);
    expect(exitCode).toBe(1);
    expect(all).toMatch(/Error: local-exec provisioner error/);
    expect(all).toContain('terraform_data.bad: (local-exec): told');
    expect(all).not.toContain('"@level"');
  });

  test('is of the run: a run keeps what the workspace said when it was queued', async () => {
    const { folder, workspaceId } = await setup('structured-pinned', { 'mfa-level': 'plans_and_applies' });
    const planning = folder.start(['plan']);
    await planning.until(/Waiting until/);
    const attributes = { data: { type: 'workspaces', attributes: structured } };
    await gatehouse.api.call('PATCH', `/api/v2/workspaces/${workspaceId}`, attributes);
    await gatehouse.authenticate({ id: /run-\w+/.exec(planning.output())?.[0] ?? '' });
    const { exitCode, all } = await planning.ended;
    expect(exitCode, all).toBe(0);
    expect(all.match(/Plan: 3 to add/g)).toHaveLength(1);
  });

  test('with a saved plan is drawn twice the same', async () => {
    const { folder } = await setup('structured-saved', structured);
    const saved = await savePlan(folder);
    const shown = await folder.terraform(['show', 'F']);
    const drawn = /Terraform will perform the following actions:[\s\S]*Plan: .*\n/;
    expect(drawn.exec(shown.all)?.[0]).toBe(drawn.exec(saved.all)?.[0]);
    expect(drawn.exec(shown.all)?.[0]).toContain('terraform_data.plain will be created');
  });
});

/** What terraform wrapped at the terminal's width, as one line. */
function unwrapped(text: string): string {
  return text.replace(/[│\s]+/g, ' ');
}
