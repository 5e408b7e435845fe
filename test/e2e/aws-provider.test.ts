import { awsProviderConfiguration } from '@gatehouse/dev/aws-provider-configuration';
import { readOutputs, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gatehouse, startGatehouse } from './stack.ts';

// The real hashicorp/aws provider assumes a role whose trust policy demands MFA, with the session that a code opened.

const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (mirror === undefined) {
  process.stderr.write(
    'SKIPPED: the tests with the real AWS provider, since GATEHOUSE_PROVIDER_MIRROR names no mirror.\n',
  );
}

const roleArn = 'arn:aws:iam::123456789012:role/gatehouse-deploy';
const provider = (block: string) => ({
  'main.tf': `${awsProviderConfiguration(block)}
data "aws_caller_identity" "me" {}
resource "terraform_data" "who" { input = data.aws_caller_identity.me.arn }
output "arn" { value = terraform_data.who.output }
`,
});
const assumesRole = provider(`assume_role { role_arn = "${roleArn}" }`);

// The provider is 700 MB, which terraform hashes in each phase: slow on a busy machine.
describe.skipIf(mirror === undefined)('a role that demands MFA', { timeout: 400_000 }, () => {
  let gatehouse: Gatehouse;
  beforeAll(async () => {
    gatehouse = await startGatehouse();
  });
  afterAll(() => gatehouse.stop());

  test('is assumed by the provider itself, once a code was given', async () => {
    const { api, workspace, queueRun, authenticate } = gatehouse;
    const id = await workspace('provider-role', { 'mfa-level': 'plans_and_applies' });
    const run = await queueRun(id, assumesRole);
    await authenticate(run);
    await waitForRun(api, run.id, ['planned'], 180_000);
    await authenticate(run);
    await waitForRun(api, run.id, ['applied'], 180_000);
    expect(await readOutputs(api, id)).toEqual({ arn: expect.stringContaining(':assumed-role/gatehouse-deploy/') });
  });

  test('is denied to a session that was made without a code', async () => {
    const { api, workspace, queueRun, log } = gatehouse;
    const id = await workspace('no-code', { 'mfa-level': 'never' });
    const run = await queueRun(id, assumesRole);
    await waitForRun(api, run.id, ['errored'], 180_000);
    expect(await log(run, 'plan')).toMatch(/AccessDenied[\s\S]*sts:AssumeRole/);
  });

  test('is assumed by Gatehouse where the workspace names it', async () => {
    const { api, workspace, queueRun, authenticate } = gatehouse;
    const id = await workspace('workspace-role', { 'mfa-level': 'plans_and_applies', 'role-arn': roleArn });
    const run = await queueRun(id, provider(''));
    await authenticate(run);
    await waitForRun(api, run.id, ['planned'], 180_000);
    await authenticate(run);
    await waitForRun(api, run.id, ['applied'], 180_000);
    expect(await readOutputs(api, id)).toEqual({ arn: expect.stringContaining(':assumed-role/gatehouse-deploy/') });
  });
});
