import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { awsVariables, type MfaLevel } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import { type ApiClient, createApiClient, document, resourceOf } from './api-client.ts';
import { packConfiguration } from './pack-configuration.ts';
import { createRun, type Run, uploadConfiguration, waitForRun } from './run-client.ts';
import type { Stack } from './stack.ts';

/** An organization with something to look at: runs that wait for a plan, for an apply, and for one that destroys. */
export type Scene = {
  organization: string;
  alice: { username: string; password: string };
  /** Waits for the code of its plan. */
  waiting: Run;
  /** A worker is busy with it for a while. */
  startLongApply(): Promise<void>;
};

const organization = 'acme';
const password = 'an example of a long password';

/** Over the API, as everybody. Resolves when every run stands where the pictures want it. */
export async function buildScene({ url, dev }: Stack): Promise<Scene> {
  const admin = createApiClient({ url, token: dev.token });
  await admin.call(
    'POST',
    '/api/v2/organizations',
    document('organizations', { name: organization, email: 'ops@example.com' }),
  );
  for (const [username, role] of [
    ['alice', 'owner'],
    ['bob', 'owner'],
    ['ci-bot', 'member'],
  ] as const) {
    const path = `/api/v2/organizations/${organization}/organization-memberships`;
    await admin.call('POST', path, document('organization-memberships', { username, role, password }));
  }
  const values = {
    [awsVariables.accessKeyId]: dev.accessKeyId,
    [awsVariables.secretAccessKey]: dev.secretAccessKey,
    [awsVariables.mfaSerial]: dev.mfaSerial,
  };
  for (const [key, value] of Object.entries(values)) {
    const sensitive = key === awsVariables.secretAccessKey;
    const body = document('vars', { key, value, category: 'env', sensitive });
    await admin.call('POST', `/api/v2/organizations/${organization}/vars`, body);
  }
  const [alice, bot] = [await clientOf(url, 'alice'), await clientOf(url, 'ci-bot')];

  const network = await makeEnvironment(admin, 'network-prod', 'VPCs, NAT and routes');
  const legacy = await makeEnvironment(admin, 'legacy', '');
  for (const [id, client] of [
    [network, alice],
    [legacy, bot],
  ] as const) {
    const first = await queue(client, id, networkBefore, { message: 'build the network', 'auto-apply': true });
    await waitForRun(admin, first.id, ['applied']);
  }
  await setLevel(admin, legacy, 'applies_only');
  const destroy = await queue(bot, legacy, networkBefore, { message: 'retire the old network', 'is-destroy': true });
  const data = await makeEnvironment(admin, 'data-prod', 'Buckets and keys', 'applies_only');
  const apply = await queue(alice, data, buckets, { message: 'a bucket for reports' });
  for (const run of [destroy, apply]) await waitForRun(admin, run.id, ['planned']);
  const dns = await makeEnvironment(admin, 'dns-prod', 'Zones', 'plans_and_applies');
  await queue(alice, dns, buckets, { message: 'shorter time to live' });
  await setLevel(admin, network, 'plans_and_applies');
  const waiting = await queue(bot, network, networkAfter, { message: 'raise NAT count' });
  await waitForRun(admin, waiting.id, ['awaiting_mfa']);
  const sandbox = await makeEnvironment(admin, 'sandbox', 'Anybody plays here');
  return {
    organization,
    alice: { username: 'alice', password },
    waiting,
    async startLongApply() {
      const run = await queue(bot, sandbox, longApply, { message: 'nightly', 'auto-apply': true });
      await waitForRun(admin, run.id, ['applying']);
      await queue(alice, sandbox, longApply, { message: 'after the nightly one' });
    },
  };
}

/** With a token of this person's own, as a script has. */
async function clientOf(url: string, username: string): Promise<ApiClient> {
  const headers = { origin: url, 'content-type': 'application/json' };
  const body = JSON.stringify({ username, password });
  const response = await fetch(`${url}/api/v2/session`, { method: 'POST', headers, body });
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { included } = z.object({ included: z.array(z.looseObject({ id: z.string() })) }).parse(await response.json());
  const made = await fetch(`${url}/api/v2/users/${included[0]?.id}/authentication-tokens`, {
    method: 'POST',
    headers: { origin: url, cookie, 'content-type': 'application/vnd.api+json' },
    body: JSON.stringify(document('authentication-tokens', { description: 'pictures' })),
  });
  const { attributes } = resourceOf(await made.json(), z.looseObject({ token: z.string() }));
  return createApiClient({ url, token: attributes.token });
}

async function makeEnvironment(api: ApiClient, name: string, description: string, level: MfaLevel = 'never') {
  const body = document('workspaces', { name, description, 'mfa-level': level });
  return resourceOf(await api.call('POST', `/api/v2/organizations/${organization}/workspaces`, body), z.unknown()).id;
}

async function setLevel(api: ApiClient, id: string, level: MfaLevel): Promise<void> {
  await api.call('PATCH', `/api/v2/workspaces/${id}`, document('workspaces', { 'mfa-level': level }));
}

async function queue(api: ApiClient, id: string, main: string, attributes: Record<string, unknown>): Promise<Run> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gatehouse-scene-'));
  try {
    await writeFile(path.join(folder, 'main.tf'), main);
    const version = await uploadConfiguration(api, id, await packConfiguration(folder));
    return await createRun(api, id, version, attributes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Of terraform's own resource, so that nothing is downloaded; the names are those of a network.

const networkBefore = `
resource "terraform_data" "vpc" { input = { cidr = "10.20.0.0/16", dns = true } }
resource "terraform_data" "subnet" {
  for_each = toset(["private-a", "private-b"])
  input    = { name = each.key, vpc = terraform_data.vpc.id }
}
resource "terraform_data" "nat_gateway" {
  input            = { subnet = "private-a" }
  triggers_replace = "private-a"
}
resource "terraform_data" "route_table" { input = { name = "private", targets = 1 } }
resource "terraform_data" "elastic_ip" { input = "old" }
`;

const networkAfter = `
resource "terraform_data" "vpc" { input = { cidr = "10.20.0.0/16", dns = true } }
resource "terraform_data" "subnet" {
  for_each = toset(["private-a", "private-b", "private-c"])
  input    = { name = each.key, vpc = terraform_data.vpc.id }
}
resource "terraform_data" "nat_gateway" {
  input            = { subnet = "private-c" }
  triggers_replace = "private-c"
}
resource "terraform_data" "nat_alarm" { input = { over = "80%" } }
resource "terraform_data" "route_table" { input = { name = "private", targets = 2 } }
output "nat_gateways" { value = 2 }
`;

const buckets = `
resource "terraform_data" "bucket" {
  for_each = toset(["reports", "reports-log"])
  input    = each.key
}
`;

const longApply = `
resource "terraform_data" "nightly" {
  triggers_replace = timestamp()
  provisioner "local-exec" { command = "for hour in $(seq 1 300); do echo step $hour; sleep 0.4; done" }
}
`;
