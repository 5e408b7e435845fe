import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { document } from '@gatehouse/dev/api-client';
import { createRun, type Run, uploadConfiguration, waitForRun } from '@gatehouse/dev/run-client';
import { describe, expect } from 'vitest';
import { resourcesIn } from '../../faults/tally.ts';
import { row } from '../../suites/row.ts';
import { type TarEntry, tarOf } from '../parsers/tar-bytes.ts';
import { type InsideWorld, printed, provisioned, users, withInsideWorld } from './inside-world.ts';

// What a configuration brings along: archives that climb, and files and variables that fight those of Gatehouse.

const area = 'Sandbox';
const plain = provisioned('echo done; env | sort');
const provider = 'registry.terraform.io/evil/evil/1.0.0/linux_amd64/terraform-provider-evil_v1.0.0';
const program = '#!/bin/sh\necho EVIL RAN >&2\ntouch /workspace/evil-ran\n';

const filesOf = (files: Record<string, string>): TarEntry[] =>
  Object.entries(files).map(([name, body]) => ({ name, body, mode: 0o755 }));

/** In all the places where terraform, its plugins or we might look. */
const committed: TarEntry[] = filesOf({
  [`terraform.d/plugins/${provider}`]: program,
  [`.terraform/providers/${provider}`]: program,
  [`.terraform/plugins/${provider}`]: program,
  '.terraform/terraform.tfstate':
    '{"version":3,"serial":1,"lineage":"x","backend":{"type":"http","config":{"address":"http://169.254.169.254/"},"hash":1}}',
  '.terraform/environment': 'elsewhere',
  'terraform.tfstate': '{"version":4,"serial":99,"lineage":"theirs","outputs":{},"resources":[]}',
  'terraform.tfstate.d/elsewhere/terraform.tfstate': '{}',
  'errored.tfstate': '{"version":4,"serial":100,"lineage":"theirs","outputs":{},"resources":[]}',
  '.terraformrc': 'provider_installation {\n  dev_overrides { "evil/evil" = "/workspace" }\n  direct {}\n}\n',
  'terraform.rc': 'plugin_cache_dir = "/workspace"\n',
  'gatehouse.tfrc': 'provider_installation {\n  direct {}\n}\n',
  '~~~~gatehouse_override.tf.json': '{"terraform":{"backend":{"http":{"address":"http://169.254.169.254/"}}}}',
  '~~~~gatehouse.auto.tfvars.json': '{"given":"theirs"}',
  '.gatehouse/tfplan': 'no plan',
});

/** Links within the tree, under the names that we write, read, or have terraform read. */
const links: TarEntry[] = [
  { name: 'elsewhere/', type: 'directory' },
  { name: 'victim.txt', body: 'untouched' },
  { name: '.terraform', type: 'link', target: 'elsewhere' },
  { name: '.gatehouse', type: 'link', target: 'elsewhere' },
  { name: '~~~~gatehouse_override.tf.json', type: 'link', target: 'victim.txt' },
  { name: '~~~~gatehouse.auto.tfvars.json', type: 'link', target: 'victim.txt' },
  { name: 'terraform.tfstate', type: 'link', target: 'victim.txt' },
  { name: 'round', type: 'link', target: 'round-again' },
  { name: 'round-again', type: 'link', target: 'round' },
];

const climbing = (): Record<string, TarEntry[]> => ({
  'a name that climbs': [{ name: '../../gatehouse-climbed', body: 'x' }],
  'an absolute name': [{ name: '/tmp/gatehouse-climbed', body: 'x' }],
  'a link that leads out': [{ name: 'out', type: 'link', target: '../../../etc/shadow' }],
  'an absolute link, and a file through it': [
    { name: 'out', type: 'link', target: '/tmp' },
    { name: 'out/gatehouse-climbed', body: 'x' },
  ],
  'a hard link to a file of the host': [{ name: 'hard', type: 'hardLink', target: '/etc/shadow' }],
  'a pipe where terraform reads': [{ name: 'terraform.tfvars', type: 'pipe' }],
  'a device where terraform reads': [{ name: 'terraform.tfvars', type: 'characterDevice' }],
  'more entries than there may be': Array.from({ length: 60_000 }, (_, index) => ({ name: `f${index}` })),
  'zeros that unpack to more than there may be': [{ name: 'zeros', body: Buffer.alloc(600 * 1024 ** 2) }],
});

describe.each(users)('a worker that was started as $name', (user) => {
  let world: InsideWorld;
  withInsideWorld(user, (started) => {
    world = started;
  });
  const when = `worker as ${user.name}`;

  const newWorkspace = (name: string) => world.workspace(name, { 'mfa-level': 'never', 'auto-apply': true });
  async function queueArchive(workspaceId: string, entries: readonly TarEntry[]): Promise<Run> {
    const archive = Uint8Array.from(gzipSync(tarOf(entries), { level: 1 }));
    return createRun(world.api, workspaceId, await uploadConfiguration(world.api, workspaceId, archive));
  }

  row(
    {
      area,
      harm: 'archives with names and links that climb, hard links, a pipe, a device, too many entries, and zeros without end',
      when,
      holds:
        'each is refused at the upload or ends its run before terraform starts; nothing is written elsewhere, and the worker takes the next',
      timeoutMs: 180_000,
    },
    async () => {
      for (const [what, entries] of Object.entries(climbing())) {
        const workspaceId = await newWorkspace(`climbs-${what.replaceAll(/[^a-z]+/g, '-')}`);
        const run = await queueArchive(workspaceId, [...filesOf(plain), ...entries]).catch((error: Error) => {
          expect(error.message).toMatch(/refused with (413|422)/);
        });
        if (run === undefined) continue;
        const { attributes } = await waitForRun(world.api, run.id, ['errored', 'applied'], 60_000);
        expect(`${what}: ${attributes.status}, ${attributes['end-reason']}`).toBe(
          `${what}: errored, configuration_invalid`,
        );
        expect(await world.log(run, 'plan')).not.toMatch(/Initializing|root:/);
      }
      const around = [
        ...(await readdir('/tmp')),
        ...(await readdir(world.folders)),
        ...(await readdir(path.dirname(world.folders))),
      ];
      expect(around.filter((name) => name.includes('gatehouse-climbed'))).toEqual([]);
      expect(await world.attack('next', plain)).toContain('done');
    },
  );

  row(
    {
      area,
      harm: 'a configuration that brings provider binaries, settings of the CLI, a state, a plan, and files under the names of ours',
      when,
      holds:
        'it is applied as if they were not there: its state comes to Gatehouse, and its variable has the value that was set',
      timeoutMs: 120_000,
    },
    async () => {
      const workspaceId = await newWorkspace('brings');
      const body = document('vars', { key: 'given', value: 'ours', category: 'terraform', sensitive: false });
      await world.api.call('POST', `/api/v2/workspaces/${workspaceId}/vars`, body);
      const files = { ...plain, 'given.tf': 'variable "given" {}\noutput "given" { value = var.given }\n' };
      const run = await queueArchive(workspaceId, [...filesOf(files), ...committed]);
      await waitForRun(world.api, run.id, ['applied'], 60_000);
      expect(await resourcesIn(world, workspaceId)).toEqual(['attack']);
      const logs = `${await world.log(run, 'plan')}${await world.log(run, 'apply')}`;
      expect(logs).not.toContain('EVIL RAN');
      expect(logs).toMatch(/given = "ours"/);
    },
  );

  row(
    {
      area,
      harm: 'a configuration that asks for the provider whose binary it brings',
      when,
      holds: 'the run fails at init, and the binary is not started',
      timeoutMs: 120_000,
    },
    async () => {
      const asks =
        'terraform {\n  required_providers {\n    evil = { source = "evil/evil" }\n  }\n}\nprovider "evil" {}\n';
      const run = await queueArchive(await newWorkspace('asks'), [
        ...filesOf({ ...plain, 'evil.tf': asks }),
        ...committed,
      ]);
      await waitForRun(world.api, run.id, ['errored'], 90_000);
      const log = await world.log(run, 'plan');
      expect(log).toMatch(/init ended with an error/);
      expect(log).not.toContain('EVIL RAN');
    },
  );

  row(
    {
      area,
      harm: "links within the tree under the names that Gatehouse writes, terraform's own folder, and in a circle",
      when,
      holds: 'nothing is written through them, and the run is applied',
      timeoutMs: 120_000,
    },
    async () => {
      const files = provisioned('cat victim.txt; echo; ls -A elsewhere | wc -l; echo done');
      const workspaceId = await newWorkspace('links');
      const run = await queueArchive(workspaceId, [...filesOf(files), ...links]);
      await waitForRun(world.api, run.id, ['applied'], 60_000);
      expect(printed(await world.log(run, 'apply')).slice(-3)).toEqual(['untouched', '0', 'done']);
      expect(await resourcesIn(world, workspaceId)).toEqual(['attack']);
    },
  );

  row(
    {
      area,
      harm: "terraform's own functions read files of the host, of the worker's process, of other runs and of Gatehouse",
      when,
      holds: 'none is there',
      timeoutMs: 120_000,
    },
    async () => {
      const { dataDirectory } = world.stack;
      const files = [
        '/etc/shadow',
        '/root/.bashrc',
        `${dataDirectory}/secrets/sealing-key`,
        `${dataDirectory}/dev.json`,
        `${world.folders}/claim-other/state/x/terraform.tfstate`,
        `/proc/${process.pid}/environ`,
        '/proc/kcore',
        '/sys/kernel/uevent_helper',
        '/dev/mem',
        '/var/run/docker.sock',
      ];
      const reads = `
locals { files = ${JSON.stringify(files)} }
output "read" { value = [for file in local.files : file if can(filebase64(file))] }
output "seen" { value = [for folder in ["/root", "/var", "${dataDirectory}", "${world.folders}"] : folder if length(try(fileset(folder, "**"), [])) > 0] }
output "control" { value = can(filebase64("/etc/passwd")) }
`;
      const run = await world.queueRun(await newWorkspace('reads'), { 'main.tf': reads });
      await waitForRun(world.api, run.id, ['applied'], 60_000);
      const log = await world.log(run, 'apply');
      expect(log).toMatch(/read = \[\]/);
      expect(log).toMatch(/seen = \[\]/);
      expect(log).toMatch(/control = true/);
    },
  );

  row(
    {
      area,
      harm: "environment variables of a workspace that load code, move terraform's files, replace the proxy, or look past the session",
      when,
      holds: 'the api refuses them; the run has those of Gatehouse',
      timeoutMs: 120_000,
    },
    async () => {
      const workspaceId = await newWorkspace('variables');
      const refused = [
        ...['LD_PRELOAD', 'LD_AUDIT', 'BASH_ENV', 'ENV', 'GCONV_PATH', 'IFS', 'NODE_OPTIONS', 'PATH', 'HOME', 'TMPDIR'],
        ...['HTTPS_PROXY', 'https_proxy', 'Https_Proxy', 'NO_PROXY', 'ALL_PROXY', 'all_proxy'],
        ...['TF_CLI_ARGS', 'TF_CLI_ARGS_plan', 'TF_CLI_CONFIG_FILE', 'TERRAFORM_CONFIG', 'TF_WORKSPACE', 'TF_DATA_DIR'],
        ...['TF_PLUGIN_CACHE_DIR', 'TF_REATTACH_PROVIDERS', 'TF_LOG_PATH', 'AWS_CONFIG_FILE', 'AWS_PROFILE'],
        ...['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN', 'GATEHOUSE_SEALING_KEY'],
      ];
      for (const key of refused) {
        const body = document('vars', { key, value: '/workspace/evil', category: 'env', sensitive: false });
        const { status } = await world.api.request('POST', `/api/v2/workspaces/${workspaceId}/vars`, body);
        expect(`${key}: ${status}`).toBe(`${key}: 422`);
      }
      const run = await world.queueRun(workspaceId, plain);
      await waitForRun(world.api, run.id, ['applied'], 60_000);
      const lines = printed(await world.log(run, 'apply'));
      expect(lines).toContain('HTTPS_PROXY=http://127.0.0.1:3128');
      expect(lines.filter((line) => line.includes('/workspace/evil'))).toEqual([]);
    },
  );
});
