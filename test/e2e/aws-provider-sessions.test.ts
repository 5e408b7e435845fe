import { awsProviderConfiguration } from '@gatehouse/dev/aws-provider-configuration';
import { authenticateRun, readOutputs, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { awaitExtension, confirmWithShortSession } from './short-sessions.ts';
import { type Gatehouse, startGatehouse } from './stack.ts';

// The real hashicorp/aws provider with sessions that end under it, and with sessions that may only read.

const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (mirror === undefined) {
  process.stderr.write(
    'SKIPPED: the tests of sessions with the real AWS provider, since GATEHOUSE_PROVIDER_MIRROR names no mirror.\n',
  );
}

const roleArn = 'arn:aws:iam::123456789012:role/gatehouse-deploy';
const provider = awsProviderConfiguration();
/** The provider asks AWS once more after the wait, with whatever session it then has. */
const slow = (seconds: number) => ({
  'main.tf': `${provider}
resource "terraform_data" "wait" {
  provisioner "local-exec" { command = "sleep ${seconds}" }
}
data "aws_caller_identity" "after" { depends_on = [terraform_data.wait] }
resource "terraform_data" "who" { input = data.aws_caller_identity.after.arn }
output "arn" { value = terraform_data.who.output }
`,
});
/** The data source of a check writes; what goes wrong with it is a warning, so that the plan goes on. */
const writes = {
  'main.tf': `${provider}
resource "terraform_data" "change" { input = "any" }
check "writes" {
  data "aws_lambda_invocation" "write" {
    function_name = "gatehouse-demo"
    input         = jsonencode({ of = "a plan" })
  }
  assert {
    condition     = data.aws_lambda_invocation.write.result != ""
    error_message = "the function answered nothing"
  }
}
`,
};

// The provider is 700 MB, which terraform hashes in each phase: slow on a busy machine.
describe.skipIf(mirror === undefined)('the AWS provider', { timeout: 400_000 }, () => {
  let gatehouse: Gatehouse;
  beforeAll(async () => {
    gatehouse = await startGatehouse({ workerEnvironment: { GATEHOUSE_SESSION_MARGIN_SECONDS: '5' } });
  });
  afterAll(() => gatehouse.stop());

  test('uses the session of a second code in an apply that outlives the first', async () => {
    const { api, workspace, queueRun, authenticate, stsCalls } = gatehouse;
    const id = await workspace('provider-extended', { 'mfa-level': 'applies_only' });
    const run = await queueRun(id, slow(40));
    await waitForRun(api, run.id, ['planned'], 180_000);
    await confirmWithShortSession(gatehouse, run, 30);
    await awaitExtension(gatehouse, run);
    const first = (await readRun(api, run.id)).attributes;
    await authenticate(run);
    await waitForRun(api, run.id, ['applied'], 180_000);
    expect(await readOutputs(api, id)).toEqual({ arn: 'arn:aws:iam::123456789012:user/gatehouse' });
    const session = z.object({ session: z.object({ 'access-key-id': z.string() }) });
    const last = (await stsCalls('GetCallerIdentity')).at(-1);
    const second = session.parse((await readRun(api, run.id)).attributes).session['access-key-id'];
    expect(last).toMatchObject({ outcome: 'ok', callerAccessKeyId: second });
    expect(second).not.toBe(session.parse(first).session['access-key-id']);
  });

  test('is denied what it would write in a plan, and may write it in the apply of the same run', async () => {
    const { api, stack, workspace, queueRun, setVariable, freshCode, log } = gatehouse;
    const id = await workspace('read-only-plan', { 'mfa-level': 'plans_and_applies', 'role-arn': roleArn });
    await setVariable(id, 'AWS_ENDPOINT_URL_LAMBDA', stack.dev.stsUrl);
    const run = await queueRun(id, writes);
    await authenticateRun(api, run.id, await freshCode());
    await waitForRun(api, run.id, ['planned'], 180_000);
    const plan = await log(run, 'plan');
    expect(plan).toMatch(/AccessDenied[\s\S]*lambda:InvokeFunction/);
    await authenticateRun(api, run.id, await freshCode());
    await waitForRun(api, run.id, ['applied'], 180_000);
    expect(await log(run, 'apply')).not.toContain('AccessDenied');
    const calls = (await gatehouse.stsCalls()).filter(({ action }) => action === 'Invoke');
    expect(calls.map(({ outcome }) => outcome === 'ok')).toEqual([false, true]);
  });
});
