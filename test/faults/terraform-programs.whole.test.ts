import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { document } from '@gatehouse/dev/api-client';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect } from 'vitest';
import { row } from '../suites/row.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { limitMemory } from './memory-limit.ts';
import { makeStandIns, type StandIns } from './stand-in-engines.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// Programs that are missing or no programs, providers that die, and what one run may take from its neighbours.

const longestRunMs = 300_000;
const pathVersion = '1.2.3';
/** `GATEHOUSE_PROVIDER_MIRROR` of whoever runs the suite holds the real provider of AWS, or is not set. */
const mirrorOfAws = process.env['GATEHOUSE_PROVIDER_MIRROR'];

let world: FaultWorld;
let standIns: StandIns;
let mirror: string;

beforeAll(async () => {
  standIns = await makeStandIns(firstAnswerIsNone);
  mirror = await mkdtemp(path.join(tmpdir(), 'gh-providers-'));
  if (mirrorOfAws !== undefined) await cp(mirrorOfAws, mirror, { recursive: true });
  // Runs read it.
  await chmod(mirror, 0o755);
  const panics = path.join(mirror, 'registry.terraform.io/gatehouse/panics/1.0.0/linux_amd64');
  await mkdir(panics, { recursive: true });
  await writeFile(path.join(panics, 'terraform-provider-panics_v1.0.0'), panicking, { mode: 0o755 });
  world = await startFaultWorld({
    workerEnvironment: {
      GATEHOUSE_TERRAFORM_DIR: standIns.folder,
      GATEHOUSE_PROVIDER_MIRROR: mirror,
      GATEHOUSE_PROVIDER_DIRECT: 'false',
      PATH: `${standIns.pathFolder}:${process.env['PATH']}`,
    },
  });
}, 240_000);
afterAll(async () => {
  await standIns.remove();
  await rm(mirror, { recursive: true, force: true });
});

/** The program on PATH does not know its own version the first time that it is asked. */
const firstAnswerIsNone = `
if [ "$1" = version ]; then
  if [ ! -e "$(dirname "$0")/asked" ]; then touch "$(dirname "$0")/asked"; echo 'Terraform vNext'; exit 0; fi
  echo '{"terraform_version":"${pathVersion}"}'; exit 0
fi`;
const panicking = '#!/bin/sh\necho "panic: runtime error: index out of range [7] with length 3" >&2\nexit 2\n';

const small = { 'main.tf': 'resource "terraform_data" "first" { input = "one" }' };

async function start(name: string, version: string, files = small): Promise<{ run: Run; workspaceId: string }> {
  const wishes = { 'mfa-level': 'never', 'auto-apply': true, 'terraform-version': version };
  const workspaceId = await world.workspace(name, wishes);
  return { workspaceId, run: await world.queueRun(workspaceId, files) };
}

async function fails(name: string, version: string): Promise<Run['attributes']> {
  const { run } = await start(name, version);
  return (await waitForRun(world.api, run.id, ['errored'], longestRunMs)).attributes;
}

const unavailable = 'the run ends as `terraform_unavailable` and says what the worker has, or what is wrong with it';
const program = (harm: string) => ({ area: 'Terraform', harm, holds: unavailable, timeoutMs: longestRunMs });

row(program('the version that a workspace asks for is missing'), async () => {
  const attributes = await fails('missing', '0.9.9');
  expect(attributes).toMatchObject({ 'end-reason': 'terraform_unavailable' });
  expect(attributes['end-message']).toMatch(/asks for terraform 0\.9\.9; this worker has terraform /);
});

row(program('the program of the version may not be executed'), async () => {
  const attributes = await fails('not-executable', await standIns.addFile('#!/bin/sh\nexit 0\n', 0o644));
  expect(attributes).toMatchObject({ 'end-reason': 'terraform_unavailable' });
});

row(program('the program of the version is made for another machine'), async () => {
  const attributes = await fails('foreign', await standIns.addForeign());
  expect(attributes).toMatchObject({ 'end-reason': 'terraform_unavailable' });
  expect(attributes['end-message']).toMatch(/damaged, or made for another machine/);
});

row(program('the program of the version wants an interpreter that is not there'), async () => {
  const attributes = await fails('interpreter', await standIns.addFile('#!/nowhere/sh\nexit 0\n'));
  expect(attributes).toMatchObject({ 'end-reason': 'terraform_unavailable' });
});

row(
  {
    area: 'Terraform',
    harm: 'terraform on PATH answers once with another form of its version',
    holds: 'the run ends as `terraform_unavailable`; the next one asks anew, finds it and is applied',
    timeoutMs: longestRunMs,
  },
  async () => {
    // Whoever asked before has had the answer that is none.
    const { run } = await start('asked-again', pathVersion);
    const ended = await waitForRun(world.api, run.id, ['errored', 'applied'], longestRunMs);
    if (ended.attributes.status === 'errored') {
      expect(ended.attributes['end-reason']).toBe('terraform_unavailable');
    }
    const next = await start('found-again', pathVersion);
    await waitForRun(world.api, next.run.id, ['applied'], longestRunMs);
  },
);

row(
  {
    area: 'Terraform',
    harm: 'a provider panics',
    when: 'plan',
    holds: 'the run ends as `terraform_failed`, and the log has what the provider said',
    timeoutMs: longestRunMs,
  },
  async () => {
    const { run } = await start('panics', await standIns.add(''), {
      'main.tf': `
terraform { 
  required_providers { 
    panics = { source = "gatehouse/panics" } 
  } 
}
resource "panics_thing" "one" {}
`,
    });
    const ended = await waitForRun(world.api, run.id, ['errored'], longestRunMs);
    expect(ended.attributes['end-reason']).toBe('terraform_failed');
    expect(await world.log(run, 'plan')).toContain('index out of range [7] with length 3');
  },
);

if (mirrorOfAws !== undefined) {
  row(
    {
      area: 'Terraform',
      harm: 'SIGKILL of the real provider of AWS',
      when: 'apply',
      holds: 'the run ends as `terraform_failed`; what was made before stands in the state',
      timeoutMs: longestRunMs,
    },
    async () => {
      const { run, workspaceId } = await start('killed-provider', await standIns.add(''), { 'main.tf': killsProvider });
      const ended = await waitForRun(world.api, run.id, ['errored'], longestRunMs);
      expect(ended.attributes['end-reason']).toBe('terraform_failed');
      expect(await world.log(run, 'apply')).toMatch(/plugin|rpc error|transport/i);
      expect(await resourcesIn(world, workspaceId)).toEqual(expect.arrayContaining(['first', 'killer']));
    },
  );
}

const killsProvider = `
terraform { 
  required_providers { 
    aws = { source = "hashicorp/aws" } 
  } 
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "AKIAIOSFODNN7EXAMPLE"
  secret_key                  = "not-a-secret"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
resource "terraform_data" "first" { input = "one" }
resource "terraform_data" "killer" {
  input = terraform_data.first.output
  provisioner "local-exec" { command = "pkill -KILL -f 'terraform-provider-[a]ws'" }
}
resource "aws_ssm_parameter" "late" {
  name       = "/late"
  type       = "String"
  value      = "x"
  depends_on = [terraform_data.killer]
}
`;

row(
  {
    area: 'Terraform',
    harm: 'terraform prints megabytes of what begins like a long sensitive variable',
    when: 'plan',
    holds: 'the run is applied within the minute, and so is its neighbour',
    timeoutMs: longestRunMs,
  },
  async () => {
    const version = await standIns.add(`[ "$1" = plan ] && { head -c 6291456 /dev/zero | tr '\\0' a; echo; }`);
    const wishes = { 'mfa-level': 'never', 'auto-apply': true, 'terraform-version': version };
    const workspaceId = await world.workspace('repeats', wishes);
    const secret = { key: 'LONG', value: `${'a'.repeat(4_000)}b`, category: 'env', sensitive: true };
    await world.api.call('POST', `/api/v2/workspaces/${workspaceId}/vars`, document('vars', secret));
    const run = await world.queueRun(workspaceId, small);
    const neighbour = await start('beside-repeats', await standIns.add(''));
    await waitForRun(world.api, neighbour.run.id, ['applied'], 60_000);
    await waitForRun(world.api, run.id, ['applied'], 60_000);
  },
);

row(
  {
    area: 'Terraform',
    harm: 'terraform takes all memory that the machine has, in many processes smaller than the worker',
    when: 'plan',
    holds: 'the kernel ends the run; the worker lives, and its neighbour is applied',
    timeoutMs: longestRunMs,
  },
  async () => {
    const worker = world.stack.services.workers[0]?.pid ?? 0;
    const version = await standIns.add(
      `[ "$1" = plan ] && { for n in $(seq 40); do head -c 60M /dev/zero | tail >/dev/null & done; wait; }`,
    );
    world.effects.hold('/beside-memory/apply');
    const neighbour = await world.queue('beside-memory');
    await world.effects.reached('/beside-memory/apply');
    const limit = await limitMemory(worker, 768 * 1024 * 1024);
    try {
      const { run } = await start('eats-memory', version);
      const ended = await waitForRun(world.api, run.id, ['errored', 'applied'], longestRunMs);
      expect(ended.attributes['end-reason']).toMatch(/^(terraform_failed|worker_error|applied)$/);
      world.effects.release('/beside-memory/apply');
      await waitForRun(world.api, neighbour.id, ['applied'], longestRunMs);
      process.kill(worker, 0);
    } finally {
      world.effects.release('/beside-memory/apply');
      await limit.release();
    }
  },
);

tallyRows('programs that are none, providers that die, memory that runs out', () => world);
