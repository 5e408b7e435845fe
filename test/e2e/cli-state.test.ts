import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createApiClient, document, resourceOf, resourcesOf } from '@gatehouse/dev/api-client';
import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type RelayedAnswer, startApiRelay } from './api-relay.ts';
import { type CliFolder, type CliResult, cliFolder } from './cli-folder.ts';
import { newMember } from './new-member.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

// What a person does to states with the real terraform CLI.

let gatehouse: Gatehouse;
/** Of a member who is no owner. */
let memberToken: string;
beforeAll(async () => {
  gatehouse = await startGatehouse();
  memberToken = (await newMember(gatehouse, 'mo')).token;
});
afterAll(() => gatehouse.stop());

const secret = 'state-marker-hunter2';
const configuration = {
  'main.tf': `
resource "terraform_data" "one" { input = "first" }
resource "terraform_data" "two" { input = [terraform_data.one.output, 2, true] }
output "result" { value = terraform_data.two.output }
output "password" {
  value     = "${secret}"
  sensitive = true
}
`,
};

/** Its provisioner ends when the test writes the file `go-on`. */
const until = 'provisioner "local-exec" { command = "until [ -e go-on ]; do sleep 0.05; done" }';

type Local = CliFolder & {
  workspaceId: string;
  /** As `force-unlock` wants it. */
  lockId: string;
  /** The output of a command that must succeed. */
  ok(...args: string[]): Promise<string>;
  goOn(): Promise<void>;
  /** Pushes the file as the next state. */
  push(state: object, ...options: string[]): Promise<CliResult>;
};

/** A workspace whose terraform runs on the laptop, and a folder of it in which `init` was run. */
async function local(
  name: string,
  files: Record<string, string> = configuration,
  more: { backend?: 'remote'; url?: string } = {},
): Promise<Local> {
  const workspaceId = await gatehouse.workspace(name, { 'execution-mode': 'local' });
  const folder = await cliFolder(gatehouse, { ...more, workspace: name, files });
  const write = (file: string, content: string) => writeFile(path.join(folder.directory, file), content);
  const ok = async (...args: string[]) => {
    const { exitCode, all, stdout } = await folder.terraform(args);
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: expect.anything() });
    return stdout;
  };
  await ok('init');
  return {
    ...folder,
    workspaceId,
    lockId: `${gatehouse.stack.dev.organization}/${name}`,
    ok,
    goOn: () => write('go-on', ''),
    async push(state, ...options) {
      await write('next.tfstate', JSON.stringify(state));
      return folder.terraform(['state', 'push', ...options, 'next.tfstate']);
    },
  };
}

const stateVersion = z.looseObject({ serial: z.int(), status: z.string() });
async function currentState(workspaceId: string) {
  const { api } = gatehouse;
  const body = await api.call('GET', `/api/v2/workspaces/${workspaceId}/current-state-version`);
  return resourceOf(body, stateVersion).attributes;
}

const stateFile = z.looseObject({ serial: z.int(), lineage: z.string() });
const pulled = async ({ ok }: Local) => stateFile.parse(JSON.parse(await ok('state', 'pull')));

/** What the terminal says, without the frames and line breaks of terraform's errors. */
const words = ({ all }: CliResult) => all.replaceAll(/[│╷╵\s]+/g, ' ');

describe.concurrent('a workspace whose terraform runs on the laptop', () => {
  // First, since it waits the longest.
  test('has what a long apply has made so far, while it runs', async () => {
    const { start, goOn, workspaceId } = await local('snapshots', {
      // 20 s are the least between two snapshots, by terraform's own clock.
      'main.tf': `
resource "terraform_data" "early" {}
resource "terraform_data" "long" {
  depends_on = [terraform_data.early]
  provisioner "local-exec" { command = "sleep 20.1" }
}
resource "terraform_data" "last" {
  depends_on = [terraform_data.long]
  ${until}
}
`,
    });
    const apply = start(['apply', '-auto-approve']);
    await apply.until(/terraform_data\.long: Creation complete/);
    const snapshot = await vi.waitUntil(() => currentState(workspaceId).catch(() => undefined), { timeout: 10_000 });
    expect(snapshot).toMatchObject({ status: 'finalized' });
    expect(apply.output()).not.toContain('Apply complete!');
    await goOn();
    expect(await apply.ended).toMatchObject({ exitCode: 0 });
    const last = await currentState(workspaceId);
    expect(last).toMatchObject({ 'resource-count': 3 });
    expect(last.serial).toBeGreaterThan(snapshot.serial);
  });

  test('plans, applies and destroys there, with its state, and its JSON, in Gatehouse', async () => {
    const folder = await local('laptop');
    const { ok, workspaceId } = folder;
    expect(await ok('plan')).toContain('Plan: 2 to add');
    expect(await ok('apply', '-auto-approve')).toContain('Apply complete! Resources: 2 added');
    expect(JSON.parse(await ok('output', '-json'))).toMatchObject({
      result: { value: ['first', 2, true], type: ['tuple', ['string', 'number', 'bool']], sensitive: false },
      password: { value: secret, type: 'string', sensitive: true },
    });
    expect(await ok('output')).not.toContain(secret);
    expect(await ok('state', 'list')).toBe('terraform_data.one\nterraform_data.two');
    expect(await pulled(folder)).toMatchObject({ version: 4, outputs: { password: { value: secret } } });

    const state = await currentState(workspaceId);
    expect(state).toMatchObject({
      status: 'finalized',
      resources: [
        { name: 'one', type: 'terraform_data', count: 1, module: 'root' },
        { name: 'two', type: 'terraform_data', count: 1, module: 'root' },
      ],
    });
    const json = new URL(String(state['hosted-json-state-download-url'])).pathname;
    expect(await gatehouse.api.call('GET', json)).toMatchObject({
      format_version: '1.0',
      values: { outputs: { password: { value: secret } } },
    });
    expect(await ok('destroy', '-auto-approve')).toContain('Destroy complete! Resources: 2 destroyed');
    expect(await ok('state', 'list')).toBe('');
  });

  test('takes what state mv and taint do', async () => {
    const { ok } = await local('surgery', smallConfiguration);
    await ok('apply', '-auto-approve');
    await ok('state', 'mv', 'terraform_data.two', 'terraform_data.renamed');
    expect(await ok('state', 'list')).toBe('terraform_data.one\nterraform_data.renamed');
    await ok('state', 'mv', 'terraform_data.renamed', 'terraform_data.two');
    await ok('taint', 'terraform_data.one');
    expect(await ok('plan')).toContain('terraform_data.one is tainted');
    await ok('untaint', 'terraform_data.one');
    await ok('plan', '-detailed-exitcode');
  });

  test('takes what import does', async () => {
    const { ok, workspaceId } = await local('imports', { 'main.tf': 'resource "terraform_data" "x" {}' });
    expect(await ok('import', 'terraform_data.x', 'an-id')).toContain('Import successful!');
    expect(await ok('state', 'show', 'terraform_data.x')).toContain('an-id');
    expect(await currentState(workspaceId)).toMatchObject({ 'resource-count': 1 });
  });

  test('is no place for a run, which is told why', async () => {
    const workspaceId = await gatehouse.workspace('no-runs', { 'execution-mode': 'local' });
    const refused = gatehouse.queueRun(workspaceId, configuration);
    await expect(refused).rejects.toThrow("Workspace no-runs runs terraform on people's own machines");
  });

  test('is reached by backend "remote" as well, which pushes by force', async () => {
    const folder = await local('older-backend', configuration, { backend: 'remote' });
    expect(await folder.ok('apply', '-auto-approve')).toContain('Resources: 2 added');
    expect(JSON.parse(await folder.ok('output', '-json'))).toMatchObject({ result: { value: ['first', 2, true] } });
    const state = await pulled(folder);
    expect(await folder.push({ ...state, serial: 20 })).toMatchObject({ exitCode: 0 });
    expect((await currentState(folder.workspaceId)).serial).toBe(21);
    expect(await folder.push({ ...state, serial: 3, lineage: 'another' })).toMatchObject({ exitCode: 1 });
    expect(await folder.push({ ...state, serial: 3, lineage: 'another' }, '-force')).toMatchObject({ exitCode: 0 });
    expect(await currentState(folder.workspaceId)).toMatchObject({ serial: 4, lineage: 'another' });
  });

  test('that another person has locked waits for her, and is unlocked by force by an owner only', async () => {
    const { terraform, start, ok, workspaceId, lockId } = await local('locked');
    const mo = createApiClient({ url: gatehouse.api.url, token: memberToken });
    const actions = `/api/v2/workspaces/${workspaceId}/actions`;
    await mo.call('POST', `${actions}/lock`, { reason: 'migration' });
    // go-tfe keeps to itself who it is that a 409 names.
    const refused = await terraform(['apply', '-auto-approve']);
    expect(refused.exitCode).toBe(1);
    expect(words(refused)).toContain(`workspace already locked (lock ID: "${lockId}")`);

    const waiting = start(['apply', '-auto-approve', '-lock-timeout=60s']);
    await waiting.until(/Acquiring state lock/);
    await mo.call('POST', `${actions}/unlock`);
    expect(await waiting.ended).toMatchObject({ exitCode: 0 });

    await gatehouse.api.call('POST', `${actions}/lock`, { reason: 'my own' });
    const byMember = await terraform(['force-unlock', '-force', lockId], { token: memberToken });
    expect(byMember.exitCode).toBe(1);
    expect(words(byMember)).toContain('Only an owner of demo may do this. An owner can: demo.');
    expect(await ok('force-unlock', '-force', lockId)).toContain('has been successfully unlocked');
    await ok('plan', '-detailed-exitcode');
  });

  test('takes a pushed state with a raised serial, and says in the terminal why not an older one or another', async () => {
    const folder = await local('pushed');
    await folder.ok('apply', '-auto-approve');
    const { serial, ...state } = await pulled(folder);
    // The CLI counts one on from what it pushes.
    expect(await folder.push({ ...state, serial: serial + 5 })).toMatchObject({ exitCode: 0 });
    expect((await currentState(folder.workspaceId)).serial).toBe(serial + 6);
    expect(await folder.push({ ...state, serial: serial + 1 })).toMatchObject({ exitCode: 1 });
    // With a cloud block the CLI forces itself, and forgets to tell (cloud/state.go, WriteState).
    const older = await folder.push({ ...state, serial: serial + 1 }, '-force');
    expect(words(older)).toContain(
      `Its serial is ${serial + 2}, and the workspace's current state has ${serial + 6} already: it was made from an ` +
        `older state. To store it all the same, give it a serial above ${serial + 6}.`,
    );
    // After an upload that failed the CLI leaves the lock where it is.
    await folder.ok('force-unlock', '-force', folder.lockId);
    const other = await folder.push({ ...state, serial: serial + 9, lineage: 'another' }, '-force');
    expect(words(other)).toContain(
      'it is the state of something else. To store it all the same, give it that lineage.',
    );
    expect((await currentState(folder.workspaceId)).serial).toBe(serial + 6);
  });

  test('says in the terminal why it refuses a state that was made from an older one, and takes it by force', async () => {
    const folder = await local('stale', { 'main.tf': `resource "terraform_data" "one" {\n${until}\n}` });
    const apply = folder.start(['apply', '-auto-approve']);
    await apply.until(/Provisioning with 'local-exec'/);
    // The same person's other window, under the same lock.
    await pushByApi(folder.workspaceId, { serial: 7, lineage: 'other-window' });
    await folder.goOn();
    const result = await apply.ended;
    expect(result.exitCode).toBe(1);
    expect(words(result)).toContain(
      "The state was refused. Its serial is 7, and the workspace's current state has 7 already",
    );
    expect(words(result)).toContain('terraform state push errored.tfstate');
    expect(await currentState(folder.workspaceId)).toMatchObject({ serial: 7, 'resource-count': 0 });

    await folder.ok('force-unlock', '-force', folder.lockId);
    await folder.ok('state', 'push', '-force', 'errored.tfstate');
    expect(await folder.ok('state', 'list')).toBe('terraform_data.one');
  });

  test('loses its lock between the two steps, and recovers by a push of errored.tfstate', async () => {
    const { api } = gatehouse;
    const unlocked: string[] = [];
    const relay = await startApiRelay(api.url, async (answer) => {
      if (!isAnnouncement(answer) || unlocked.length > 0) return;
      const [, workspaceId = ''] = /\/workspaces\/([^/]+)\//.exec(answer.path) ?? [];
      await api.call('POST', `/api/v2/workspaces/${workspaceId}/actions/force-unlock`);
      unlocked.push(workspaceId);
    });
    try {
      const { terraform, ok, workspaceId } = await local('recovers', configuration, { url: relay.url });
      const apply = await terraform(['apply', '-auto-approve']);
      expect(unlocked).toEqual([workspaceId]);
      expect(apply.exitCode).toBe(1);
      // go-tfe shows no words of an upload that is refused; the version has them.
      expect(words(apply)).toContain('error HTTP response: 409');
      expect(words(apply)).toContain('terraform state push errored.tfstate');
      const discarded = await api.call(
        'GET',
        `/api/v2/workspaces/${workspaceId}/state-versions?filter[status]=discarded`,
      );
      expect(resourcesOf(discarded, stateVersion)).toMatchObject([
        { attributes: { 'error-message': 'The workspace was unlocked before the state came.' } },
      ]);
      await expect(currentState(workspaceId)).rejects.toThrow('404');
      await ok('state', 'push', 'errored.tfstate');
      await ok('plan', '-detailed-exitcode');
    } finally {
      await relay.close();
    }
  });
});

test.concurrent('a workspace whose terraform runs in Gatehouse has its state read, and pushed to, from the laptop', async () => {
  const { api, workspace, queueRun } = gatehouse;
  const workspaceId = await workspace('remote', { 'mfa-level': 'never' });
  const run = await queueRun(workspaceId, configuration, { 'auto-apply': true });
  await waitForRun(api, run.id, ['applied']);
  const { terraform, directory } = await cliFolder(gatehouse, { workspace: 'remote', files: configuration });
  expect(await terraform(['init'])).toMatchObject({ exitCode: 0 });
  expect((await terraform(['state', 'list'])).stdout).toBe('terraform_data.one\nterraform_data.two');
  const outputs: unknown = JSON.parse((await terraform(['output', '-json'])).stdout);
  expect(outputs).toMatchObject({ result: { value: ['first', 2, true] }, password: { value: secret } });
  const state = stateFile.parse(JSON.parse((await terraform(['state', 'pull'])).stdout));
  await writeFile(path.join(directory, 'next.tfstate'), JSON.stringify({ ...state, serial: state.serial + 1 }));
  expect(await terraform(['state', 'push', 'next.tfstate'])).toMatchObject({ exitCode: 0 });
  expect((await currentState(workspaceId)).serial).toBeGreaterThan(state.serial);
  expect(await terraform(['state', 'rm', 'terraform_data.one'])).toMatchObject({ exitCode: 0 });
  expect(await currentState(workspaceId)).toMatchObject({ 'resource-count': 1 });
});

test('an api that is killed and started again between the two steps takes the state all the same', async () => {
  const { stack, api } = gatehouse;
  let killed = 0;
  const relay = await startApiRelay(api.url, async (answer) => {
    if (!isAnnouncement(answer) || killed++ > 0) return;
    await stack.services.api.kill();
    await stack.restartApi();
  });
  try {
    const { ok, workspaceId } = await local('killed-between', smallConfiguration, { url: relay.url });
    expect(await ok('apply', '-auto-approve')).toContain('Apply complete! Resources: 2 added');
    expect(killed).toBe(1);
    expect(await currentState(workspaceId)).toMatchObject({ status: 'finalized', 'resource-count': 2 });
    await ok('plan', '-detailed-exitcode');
  } finally {
    await relay.close();
  }
});

function isAnnouncement({ method, path: at, status }: RelayedAnswer): boolean {
  return method === 'POST' && at.endsWith('/state-versions') && status === 201;
}

/** An empty state, as the owner, in one step. */
async function pushByApi(workspaceId: string, head: { serial: number; lineage: string }): Promise<void> {
  const state = { version: 4, terraform_version: '1.11.4', ...head, outputs: {}, resources: [] };
  const bytes = Buffer.from(JSON.stringify(state));
  const md5 = createHash('md5').update(bytes).digest('hex');
  const body = document('state-versions', { ...head, md5, state: bytes.toString('base64') });
  await gatehouse.api.call('POST', `/api/v2/workspaces/${workspaceId}/state-versions`, body);
}
