import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '@gatehouse/shared/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTerraformFinder } from '../../src/terraform/find-terraform.ts';
import { realTerraform } from '../surroundings/release-server.ts';
import { archiveOf, openRunStand, type RunStand } from '../surroundings/run-stand.ts';

// Terraform is whatever the run makes of it: these leave something else where the worker reads a file.

let folder: string;
let stand: RunStand;
let binary: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghw-left-'));
  ({ binary } = await realTerraform());
  const search = { versionsDir: path.join(folder, 'versions'), searchPath: '' };
  stand = await openRunStand({ findTerraform: createTerraformFinder(search) });
});
afterAll(async () => {
  await stand.close();
  await rm(folder, { recursive: true, force: true });
});

/** The real terraform, after whose `command` a script runs in the run's folder. */
async function leaving(version: string, command: 'init' | 'plan', script: string): Promise<void> {
  const file = path.join(folder, 'versions', version, 'terraform');
  await mkdir(path.dirname(file), { recursive: true });
  const answer = `{"terraform_version":"${version}"}`;
  await writeFile(
    file,
    `#!/bin/sh\n[ "$1" = version ] && { echo '${answer}'; exit 0; }\n${binary} "$@"; code=$?\nif [ "$1" = ${command} ]; then ${script}; fi\nexit $code\n`,
  );
  for (const each of [folder, path.join(folder, 'versions'), path.dirname(file), file]) await chmod(each, 0o755);
}

test.each([
  ['9.0.1', 'init', 'rm .terraform/terraform.tfstate; ln -s /etc/passwd .terraform/terraform.tfstate'],
  ['9.0.2', 'plan', 'rm .terraform/terraform.tfstate; mkfifo .terraform/terraform.tfstate'],
  ['9.0.3', 'plan', 'rm .gatehouse/tfplan; ln -s /etc/passwd .gatehouse/tfplan'],
  ['9.0.4', 'plan', 'head -c 2000000 /dev/zero >.terraform/terraform.tfstate'],
] as const)(
  '%s: after %s, %s is the failure of terraform, told without a path of the host',
  async (version, command, script) => {
    await leaving(version, command, script);
    const runId = newId('run');
    stand.api.run(runId).configuration = await archiveOf({ 'main.tf': 'resource "terraform_data" "a" {}' });
    const { log, outcome } = await stand.run(runId, 'plan', { terraformVersion: version });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'terraform_failed' });
    expect(log).toMatch(/Refused to read \.(terraform\/terraform\.tfstate|gatehouse\/tfplan): it is /);
    expect(log).not.toContain(stand.workDir);
  },
);
