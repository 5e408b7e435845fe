import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Keys, keysOf, startEmulator } from './start-emulator.ts';

// The real hashicorp/aws provider as client. It is half a gigabyte, so it comes from a filesystem mirror or not at all.
const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (!mirror)
  console.warn('SKIPPED: GATEHOUSE_PROVIDER_MIRROR is not set, so the real hashicorp/aws provider is not tried');

const required = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
`;

const assumesRole = (roleArn: string) => `${required}
provider "aws" {
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  assume_role {
    role_arn     = "${roleArn}"
    session_name = "terraform"
    duration     = "15m"
  }
}

data "aws_caller_identity" "current" {}

output "arn" {
  value = data.aws_caller_identity.current.arn
}
`;

// What a check's data source is refused is a warning, so the plan goes on; the apply reads it again.
const actsWhilePlanning = `${required}
provider "aws" {
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

check "function" {
  data "aws_lambda_invocation" "smoke" {
    function_name = "gatehouse-demo"
    input         = jsonencode({ from = "terraform" })
  }
  assert {
    condition     = jsondecode(data.aws_lambda_invocation.smoke.result).status == "ok"
    error_message = "The function does not answer ok."
  }
}

resource "aws_ssm_parameter" "release" {
  name  = "/gatehouse/release"
  type  = "String"
  value = "1"
}
`;

async function setup(configuration: (roleArn: string) => string) {
  const emulator = await startEmulator();
  const folder = await mkdtemp(join(tmpdir(), 'sts-terraform-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'main.tf'), configuration(emulator.roleArn));
  await writeFile(
    join(folder, 'terraform.rc'),
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
  );
  const terraform = (keys: Keys, ...args: string[]) =>
    promisify(execFile)('terraform', args, {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        TF_CLI_CONFIG_FILE: join(folder, 'terraform.rc'),
        TF_IN_AUTOMATION: '1',
        AWS_ENDPOINT_URL_STS: emulator.url,
        AWS_ENDPOINT_URL_LAMBDA: emulator.url,
        AWS_ENDPOINT_URL_SSM: emulator.url,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_SESSION_TOKEN: keys.sessionToken,
      },
    });
  await terraform(emulator.userKeys, 'init', '-input=false', '-no-color');
  const apply = (keys: Keys) => terraform(keys, 'apply', '-auto-approve', '-input=false', '-no-color');
  /** What terraform wrote to stderr when it failed, its line breaks undone. */
  const failure = async (keys: Keys) => {
    const error: unknown = await apply(keys).catch((cause: unknown) => cause);
    return error instanceof Error && 'stderr' in error ? String(error.stderr).replace(/\s+/g, ' ') : 'it did not fail';
  };
  return { ...emulator, terraform, apply, failure };
}

describe.skipIf(!mirror)('the hashicorp/aws provider', () => {
  test('assumes a role that demands MFA with a session made with a code, and not without', {
    timeout: 180_000,
  }, async () => {
    const { apply, failure, mfa, sessionKeys, state, roleArn } = await setup(assumesRole);
    const { stdout } = await apply(await sessionKeys(mfa()));
    expect(stdout).toContain('arn = "arn:aws:sts::123456789012:assumed-role/gatehouse-deploy/terraform"');
    const assumed = state.journal.entries.filter(({ action }) => action === 'AssumeRole');
    expect(assumed.length).toBeGreaterThan(0);
    expect(assumed.every(({ outcome, durationSeconds }) => outcome === 'ok' && durationSeconds === 900)).toBe(true);

    expect(await failure(await sessionKeys())).toContain(
      `api error AccessDenied: User: arn:aws:iam::123456789012:user/gatehouse is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
    expect(state.journal.entries.at(-1)).toMatchObject({ action: 'AssumeRole', reason: 'trust_policy' });
  });

  test('is refused with an expired session', { timeout: 180_000 }, async () => {
    const { failure, mfa, sessionKeys, state } = await setup(assumesRole);
    const keys = await sessionKeys(mfa());
    const session = state.sessions.get(keys.accessKeyId);
    if (session !== undefined) session.expiresAt = new Date();
    expect(await failure(keys)).toContain('api error ExpiredToken');
  });

  test('is denied to act while it plans under ReadOnlyAccess, and acts when the same plan is applied with the role', {
    timeout: 180_000,
  }, async () => {
    const { terraform, client, mfa, roleArn, state } = await setup(() => actsWhilePlanning);
    const assume = async (RoleSessionName: string, PolicyArns?: { arn: string }[]) =>
      keysOf(await client().send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName, PolicyArns, ...mfa() })));
    const reader = await assume('plan', [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }]);
    const plan = await terraform(reader, 'plan', '-out=tfplan', '-input=false', '-no-color');
    expect(plan.stdout.replace(/[\s│╷╵]+/g, ' ')).toContain(
      'api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/gatehouse-deploy/plan is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:gatehouse-demo:$LATEST because no session policy allows the lambda:InvokeFunction action',
    );
    expect(plan.stdout).toContain('Warning:');
    expect(state.functions.get('gatehouse-demo')?.invocations).toBe(0);
    expect(state.journal.entries.filter(({ service }) => service === 'lambda')).toMatchObject([
      { action: 'Invoke', outcome: 'AccessDenied', reason: 'session_policy', callerAccessKeyId: reader.accessKeyId },
    ]);

    const full = await assume('apply');
    const applied = await terraform(full, 'apply', '-input=false', '-no-color', 'tfplan');
    expect(applied.stdout).toContain('1 added, 0 changed, 0 destroyed');
    expect(applied.stdout).not.toContain('AccessDenied');
    expect(state.functions.get('gatehouse-demo')?.invocations).toBe(1);
    expect(state.parameters.get('/gatehouse/release')).toMatchObject({ value: '1', version: 1 });
    expect(state.journal.entries.findLast(({ action }) => action === 'PutParameter')).toMatchObject({
      outcome: 'ok',
      callerAccessKeyId: full.accessKeyId,
      roleSessionName: 'apply',
    });
  });
});
