import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

// The real terraform CLI finds, makes and tags workspaces by its cloud block.

let gatehouse: Gatehouse;
let folder: string;
beforeAll(async () => {
  gatehouse = await startGatehouse();
  folder = await mkdtemp(path.join(tmpdir(), 'gh-cli-'));
  const url = `${gatehouse.stack.dev.url}/api/v2/`;
  await writeFile(
    path.join(folder, 'cli.tfrc'),
    `host "gatehouse.test" {
  services = { "tfe.v2" = "${url}", "tfe.v2.1" = "${url}", "state.v2" = "${url}" }
}
credentials "gatehouse.test" { token = "${gatehouse.stack.dev.token}" }
disable_checkpoint = true
`,
  );
});
afterAll(async () => {
  await gatehouse.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A folder with a cloud block, and terraform in it. */
async function setup(workspaces: string) {
  const directory = await mkdtemp(path.join(folder, 'configuration-'));
  const { organization } = gatehouse.stack.dev;
  const cloud = `terraform {
  cloud {
    hostname     = "gatehouse.test"
    organization = "${organization}"
    workspaces {
      ${workspaces}
    }
  }
}
`;
  await writeFile(path.join(directory, 'main.tf'), cloud);
  return async (args: string, more: { stdin?: string; env?: NodeJS.ProcessEnv } = {}) => {
    const env = {
      ...process.env,
      TF_CLI_CONFIG_FILE: path.join(folder, 'cli.tfrc'),
      TF_IN_AUTOMATION: '1',
      ...more.env,
    };
    const running = promisify(execFile)('terraform', args.split(' '), { cwd: directory, env });
    running.child.stdin?.end(more.stdin ?? '');
    const { stdout } = await running;
    return stripVTControlCharacters(stdout);
  };
}

const shown = z.looseObject({
  data: z.object({
    id: z.string(),
    attributes: z.looseObject({ 'tag-names': z.array(z.string()) }),
    relationships: z.looseObject({ project: z.object({ data: z.object({ id: z.string() }) }) }),
  }),
});

async function read(name: string) {
  const { organization } = gatehouse.stack.dev;
  const answer = await gatehouse.api.call('GET', `/api/v2/organizations/${organization}/workspaces/${name}`);
  return shown.parse(answer).data;
}

const projectName = async (id: string) => {
  const answer = await gatehouse.api.call('GET', `/api/v2/projects/${id}`);
  return z.object({ data: z.object({ attributes: z.looseObject({ name: z.string() }) }) }).parse(answer).data.attributes
    .name;
};

describe('terraform init', () => {
  test('makes the workspace in the project that its cloud block names, and the project too', async () => {
    const terraform = await setup('name = "in-project"\n      project = "Landing zone"');
    expect(await terraform('init -input=false')).toContain('has been successfully initialized');
    const { relationships } = await read('in-project');
    expect(await projectName(relationships.project.data.id)).toBe('Landing zone');
    const again = await setup('name = "in-project-too"\n      project = "Landing zone"');
    await again('init -input=false');
    expect((await read('in-project-too')).relationships.project.data.id).toBe(relationships.project.data.id);
  });

  test.each([
    ['words', 'tags = ["cli", "words"]', ['cli', 'words']],
    ['keys and values', 'tags = { layer = "net", stage = "prod" }', ['layer', 'stage']],
  ])('makes and finds workspaces by tags that are %s', async (_what, tags, keys) => {
    const [one, two] = [`one-${keys[0]}`, `two-${keys[0]}`];
    const terraform = await setup(tags);
    // Nothing bears the tags yet, so it asks for the name of a workspace.
    await terraform('init', { stdin: `${one}\n` });
    await terraform(`workspace new ${two}`);
    const listed = await terraform('workspace list');
    expect(listed.match(/[a-z]+-[a-z]+/g)?.toSorted()).toEqual([one, two]);
    for (const name of [one, two]) expect((await read(name)).attributes['tag-names'].toSorted()).toEqual(keys);

    const elsewhere = await setup(tags);
    await elsewhere('init -input=false', { env: { TF_WORKSPACE: two } });
    expect(await elsewhere('workspace show', { env: { TF_WORKSPACE: two } })).toContain(two);
    await terraform(`workspace select ${one}`);
    await terraform(`workspace delete ${two}`);
    expect(await terraform('workspace list')).not.toContain(two);
  });
});

test('a plan without changes is applied where the run allows it', async () => {
  const { api, queueRun, workspace, log } = gatehouse;
  const id = await workspace('empty-apply');
  const first = await queueRun(id, smallConfiguration, { 'auto-apply': true });
  await waitForRun(api, first.id, ['applied']);
  const empty = await queueRun(id, smallConfiguration, { 'allow-empty-apply': true });
  await waitForRun(api, empty.id, ['planned']);
  await api.call('POST', `/api/v2/runs/${empty.id}/actions/apply`, {});
  await waitForRun(api, empty.id, ['applied']);
  expect(await log(empty, 'apply')).toContain('Apply complete! Resources: 0 added, 0 changed, 0 destroyed.');
});
