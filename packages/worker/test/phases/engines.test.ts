import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '@gatehouse/shared/ids';
import { phaseJobId } from '@gatehouse/shared/jobs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takePhase } from '../../src/lanes/run-lane.ts';
import { createTerraformFinder } from '../../src/terraform/find-terraform.ts';
import { readReleaseKeys } from '../../src/terraform/releases/release-keys.ts';
import { openReleases } from '../../src/terraform/releases/releases.ts';
import {
  type ReleaseServerOfTests,
  realTerraform,
  startReleaseServer,
  writeStandIn,
} from '../surroundings/release-server.ts';
import { archiveOf, openRunStand, type RunStand } from '../surroundings/run-stand.ts';

// One worker with terraform on PATH, a stand-in for OpenTofu in two versions, and a release server.

let folder: string;
let server: ReleaseServerOfTests;
let stand: RunStand;
let own: { version: string; binary: string };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gh-engines-'));
  own = await realTerraform();
  await writeStandIn(path.join(folder, 'versions/1.9.0/tofu'), '1.9.0', own.binary);
  await writeStandIn(path.join(folder, 'bin/tofu'), '1.8.0', own.binary);
  server = await startReleaseServer();
  const keysFile = path.join(folder, 'keys.asc');
  await writeFile(keysFile, server.publicKey);
  const sources = {
    versionsDir: path.join(folder, 'versions'),
    searchPath: `${path.join(folder, 'bin')}:${path.dirname(own.binary)}`,
  };
  const terraform = openReleases({
    engine: 'terraform',
    server: { url: server.url, indexUrl: undefined },
    cache: { folder: path.join(folder, 'cache'), keep: 10 },
    keys: () => readReleaseKeys(keysFile),
  });
  stand = await openRunStand({ findTerraform: createTerraformFinder(sources, { terraform }) });
});
afterAll(async () => {
  await stand.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const configuration = { 'main.tf': 'resource "terraform_data" "a" { input = "x" }' };

async function newRun(files: Record<string, string>): Promise<string> {
  const runId = newId('run');
  stand.api.run(runId).configuration = await archiveOf(files);
  return runId;
}

const versionOf = (runId: string, phase: 'plan' | 'apply') =>
  stand.reports.find((report) => report.type === 'phase_finished' && report.runId === runId && report.phase === phase);

describe('OpenTofu', () => {
  test('plans and applies where the workspace asks for it, beside terraform, and the report says so', async () => {
    const [tofu, terraform] = [await newRun(configuration), await newRun(configuration)];
    const [ofTofu, ofTerraform] = await Promise.all([
      stand.run(tofu, 'plan', { terraformVersion: 'tofu-1.9.0' }),
      stand.run(terraform, 'plan', { terraformVersion: own.version }),
    ]);
    expect(ofTofu.log).toContain('worker test-worker, OpenTofu 1.9.0, sandbox bubblewrap');
    expect(ofTofu.log).toContain('tofu called: init -input=false');
    expect(ofTofu.log).toMatch(/tofu called: plan -input=false -detailed-exitcode -out=/);
    expect(ofTofu.outcome).toMatchObject({ kind: 'finished', hasChanges: true, resourceAdditions: 1 });
    expect(versionOf(tofu, 'plan')).toMatchObject({ terraformVersion: 'tofu-1.9.0' });
    expect(ofTerraform.log).toContain(`worker test-worker, terraform ${own.version}, sandbox`);
    expect(ofTerraform.log).not.toContain('tofu called');
    expect(versionOf(terraform, 'plan')).toMatchObject({ terraformVersion: own.version });

    const apply = await stand.run(tofu, 'apply', { terraformVersion: 'tofu-1.9.0' });
    expect(apply.log).toMatch(/tofu called: apply -input=false /);
    expect(apply.outcome).toMatchObject({ kind: 'finished' });
    expect(JSON.parse(String(stand.api.run(tofu).state)).resources).toHaveLength(1);
  });

  test('that planned applies, although the workspace asks for whatever there is', async () => {
    const runId = await newRun(configuration);
    await stand.run(runId, 'plan', { terraformVersion: 'tofu->= 1.9' });
    const { log, outcome } = await stand.run(runId, 'apply', { terraformVersion: 'tofu-latest' });
    expect(log).toContain('worker test-worker, OpenTofu 1.8.0');
    expect(log).toContain('the plan was made with OpenTofu 1.9.0, which applies it.');
    expect(outcome).toMatchObject({ kind: 'finished' });
    expect(versionOf(runId, 'apply')).toMatchObject({ terraformVersion: 'tofu-1.9.0' });
  });

  test('is named in the words of its failures', async () => {
    const { outcome } = await stand.run(await newRun({ 'main.tf': 'resource {' }), 'plan', {
      terraformVersion: 'tofu-latest',
    });
    expect(outcome).toMatchObject({ kind: 'failed', message: 'tofu init ended with an error.' });
  });

  test('may not encrypt the state, and does not come to try', async () => {
    const files = { ...configuration, 'encryption.tofu': 'terraform {\n  encryption {\n  }\n}' };
    const { outcome, log } = await stand.run(await newRun(files), 'plan', { terraformVersion: 'tofu-1.9.0' });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'configuration_invalid' });
    expect(log).toContain("encryption.tofu sets up OpenTofu's encryption.");
    expect(log).not.toContain('tofu called');
  });

  test('finds no file that would stand in for ours by its ending', async () => {
    const twin = '~~~~gatehouse_override.tofu.json';
    const files = {
      'main.tf': `output "twin" { value = fileexists("${twin}") ? "is there" : "is gone" }`,
      [twin]: '{"terraform":{"backend":{"local":{"path":"/tmp/mine"}}}}',
    };
    const { log } = await stand.run(await newRun(files), 'plan', { terraformVersion: 'tofu-1.9.0' });
    expect(log).toContain('is gone');
  });
});

describe('a version that has to be fetched', () => {
  test('is, and the log of the run says so', async () => {
    await server.publish('terraform', '1.2.9');
    const { log, outcome } = await stand.run(await newRun(configuration), 'plan', { terraformVersion: '~> 1.2.0' });
    expect(log).toContain(`Gatehouse: Fetching terraform 1.2.9 from ${server.url} …`);
    expect(log).toContain('Gatehouse: Fetched terraform 1.2.9');
    expect(log).toContain('worker test-worker, terraform 1.2.9, sandbox');
    // It answers for its version and does nothing else.
    expect(outcome).toMatchObject({ kind: 'failed', message: 'terraform init ended with an error.' });
  });

  test('but was tampered with ends the run', async () => {
    await server.publish('terraform', '1.2.8');
    server.put(server.layouts.terraform.archive('1.2.8'), Buffer.from('evil'));
    const { log, outcome } = await stand.run(await newRun(configuration), 'plan', { terraformVersion: '1.2.8' });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'terraform_unavailable' });
    expect(log).toMatch(/terraform 1\.2\.8 from .* was REFUSED: its archive has the checksum/);
  });

  test('keeps nobody who cancels', async () => {
    await server.publish('terraform', '1.2.7');
    const asked = Promise.withResolvers<void>();
    server.put(server.layouts.terraform.archive('1.2.7'), () => asked.resolve());
    const runId = await newRun(configuration);
    const { claimId } = await stand.offer(runId, 'plan', { terraformVersion: '1.2.7' });
    const working = takePhase(stand.dependencies, phaseJobId(runId, 'plan'));
    await asked.promise;
    expect(stand.dependencies.active.claimIds).toContain(claimId);
    stand.dependencies.active.stop(claimId, 'canceled', 'interrupt');
    await working;
    expect(stand.outcome(runId, 'plan')).toEqual({ kind: 'canceled', forced: false });
  });
});
