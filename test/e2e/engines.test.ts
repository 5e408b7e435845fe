import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  programScript,
  type ReleaseServerOfTests,
  realTerraform,
  startReleaseServer,
  writeProgram,
  writeStandIn,
} from '../../packages/worker/test/surroundings/release-server.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

// One worker with an old terraform on PATH, OpenTofu in a folder, and a release server that has the real terraform.

let folder: string;
let server: ReleaseServerOfTests;
let gatehouse: Gatehouse;
let real: { version: string; binary: string };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gh-engines-'));
  real = await realTerraform();
  server = await startReleaseServer();
  await server.publish('terraform', real.version, {
    entries: [{ name: 'terraform', content: await readFile(real.binary) }],
  });
  await writeFile(path.join(folder, 'keys.asc'), server.publicKey);
  await writeProgram(path.join(folder, 'bin/terraform'), programScript('1.0.0'));
  await writeStandIn(path.join(folder, 'versions/1.9.0/tofu'), '1.9.0', real.binary);
  gatehouse = await startGatehouse({
    workerEnvironment: {
      PATH: `${path.join(folder, 'bin')}:/usr/bin:/bin`,
      GATEHOUSE_CONCURRENCY: '4',
      GATEHOUSE_TERRAFORM_DIR: path.join(folder, 'versions'),
      GATEHOUSE_TERRAFORM_RELEASES_URL: server.url,
      GATEHOUSE_RELEASE_KEYS_FILE: path.join(folder, 'keys.asc'),
    },
  });
});
afterAll(async () => {
  await gatehouse.stop();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(name: string, terraformVersion: string): Promise<Run> {
  const id = await gatehouse.workspace(name, { 'terraform-version': terraformVersion, 'auto-apply': true });
  return gatehouse.queueRun(id, smallConfiguration);
}

test('workspaces ask for versions and engines, and each gets its own or is told why not', async () => {
  const { api, log } = gatehouse;
  const [series = ''] = /^\d+\.\d+/.exec(real.version) ?? [];
  const exact = await run('exact', real.version);
  const constrained = await run('constrained', `~> ${series}.0`);
  const tofu = await run('tofu', 'tofu-1.9.0');
  const unknown = await run('unknown', '1.99.0');

  for (const fetched of [exact, constrained]) {
    const applied = await waitForRun(api, fetched.id, ['applied'], 60_000);
    expect(applied.attributes['terraform-version']).toBe(real.version);
    expect(await log(fetched, 'plan')).toContain(`worker worker, terraform ${real.version}, sandbox bubblewrap`);
  }
  // Both were queued before it was here.
  expect(server.asked(server.layouts.terraform.archive(real.version))).toBe(1);
  const logs = await Promise.all([exact, constrained].map((fetched) => log(fetched, 'plan')));
  expect(logs.join('')).toContain(`Fetching terraform ${real.version} from ${server.url} …`);
  expect(logs.join('')).toMatch(
    /Fetched terraform [\d.]+ \([\d.]+ MB in [\d.]+ s\)\. Its checksum is right and signed by /,
  );

  const ofTofu = await waitForRun(api, tofu.id, ['applied'], 60_000);
  expect(ofTofu.attributes['terraform-version']).toBe('tofu-1.9.0');
  for (const phase of ['plan', 'apply'] as const) {
    expect(await log(tofu, phase)).toContain('worker worker, OpenTofu 1.9.0, sandbox bubblewrap');
    expect(await log(tofu, phase)).toMatch(new RegExp(`tofu called: ${phase} `));
  }

  const ended = await waitForRun(api, unknown.id, ['errored'], 60_000);
  expect(ended.attributes['end-reason']).toBe('terraform_unavailable');
  expect(ended.attributes['end-message']).toBe(
    `There is no terraform 1.99.0 at ${server.url}. It has ${real.version}.`,
  );
});
