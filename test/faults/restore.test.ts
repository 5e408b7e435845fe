import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect } from 'vitest';
import { type Gatehouse, startGatehouse } from '../e2e/stack.ts';
import { row } from '../suites/row.ts';

const program = fileURLToPath(new URL('../../packages/api/src/backup-main.ts', import.meta.url));
const folders: string[] = [];
let running: Gatehouse | undefined;
afterAll(async () => {
  await running?.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function backUpOrRestore(command: 'backup' | 'restore', archive: string, root: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['--conditions=gatehouse-source', program, command, archive], {
    env: {
      GATEHOUSE_DATA_DIR: path.join(root, 'api'),
      GATEHOUSE_SEALING_KEY_FILE: path.join(root, 'secrets', 'sealing-key'),
    },
  });
}

const files = {
  'main.tf': `
variable "word" { type = string }
resource "terraform_data" "kept" { input = var.word }
output "word" { value = terraform_data.kept.output }
`,
};

row(
  {
    area: 'Backup',
    harm: 'the machine is lost; a backup that was taken while it ran is restored on an empty one',
    when: 'one run is finished, one waits for its code',
    holds: 'old log and state are there byte for byte; the waiting run is finished with a code',
    isChosen: true,
    timeoutMs: 240_000,
  },
  async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'gh-restore-'));
    folders.push(root);
    const [old, fresh, archive] = ['old', 'fresh', 'backup.tgz'].map((name) => path.join(root, name));
    if (old === undefined || fresh === undefined || archive === undefined) throw new Error('Unreachable.');
    await mkdir(old);
    running = await startGatehouse({ dataDirectory: old });
    const first = running;
    const finishedIn = await first.workspace('finished', { 'mfa-level': 'never', 'auto-apply': true });
    const parkedIn = await first.workspace('parked', { 'mfa-level': 'plans_and_applies', 'auto-apply': false });
    for (const id of [finishedIn, parkedIn]) await first.setVariable(id, 'TF_VAR_word', `kept-${id}`);
    const finished = await first.queueRun(finishedIn, files);
    const applied = await first.log(finished, 'apply');
    expect(applied).toContain('Apply complete');
    const parked = await first.queueRun(parkedIn, files);
    await first.logUntil(parked, 'plan', /code/i);
    const stateBefore = await stateOf(first, finishedIn);

    await backUpOrRestore('backup', archive, old);
    // The secrets are kept elsewhere, the device stays its owner's; all else of the machine is lost.
    await cp(path.join(old, 'secrets'), path.join(fresh, 'secrets'), { recursive: true });
    await first.stop();
    running = undefined;
    await rm(old, { recursive: true, force: true });
    await backUpOrRestore('restore', archive, fresh);

    running = await startGatehouse({ dataDirectory: fresh });
    const second = running;
    expect(await second.log(finished, 'apply')).toBe(applied);
    expect(await stateOf(second, finishedIn)).toEqual(stateBefore);
    await second.authenticate(parked);
    expect(await second.log(parked, 'plan')).toContain(`kept-${parkedIn}`);
  },
);

async function stateOf(gatehouse: Gatehouse, workspaceId: string): Promise<Buffer> {
  const { url, token } = gatehouse.stack.dev;
  const headers = { authorization: `Bearer ${token}` };
  const current = await fetch(`${url}/api/v2/workspaces/${workspaceId}/current-state-version`, { headers });
  expect(current.status).toBe(200);
  const { data } = (await current.json()) as { data: { id: string } };
  const state = await fetch(`${url}/api/v2/state-versions/${data.id}/download`, { headers });
  expect(state.status).toBe(200);
  return Buffer.from(await state.arrayBuffer());
}
