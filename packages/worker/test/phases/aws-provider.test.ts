import { newId } from '@gatehouse/shared/ids';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchangeCode } from '../../src/sts/exchange-code.ts';
import { sessionWithoutCode } from '../../src/sts/session-without-code.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';
import { archiveOf, openRunStand, type RunStand } from '../surroundings/run-stand.ts';

const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (mirror === undefined)
  process.stderr.write('SKIPPED: the real AWS provider is not tried, GATEHOUSE_PROVIDER_MIRROR is unset.\n');

describe.skipIf(mirror === undefined)('the real AWS provider in the sandbox', { timeout: 120_000 }, () => {
  let emulator: Emulator;
  let stand: RunStand;
  beforeAll(async () => {
    emulator = await startEmulator();
    stand = await openRunStand({
      sts: emulator.sts,
      sandbox: {
        mode: 'bubblewrap',
        identity: { uid: 31_000, gid: 31_000 },
        egressAllow: [],
        forwards: [{ name: 'sts', listenPort: emulator.port, target: { host: '127.0.0.1', port: emulator.port } }],
        ...(mirror === undefined ? {} : { providerMirror: mirror }),
      },
    });
  });
  afterAll(async () => {
    await emulator.close();
    await stand.close();
  });

  const configuration = () => ({
    'main.tf': `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
  skip_metadata_api_check = true
  assume_role { role_arn = "${emulator.roleArn}" }
}
data "aws_caller_identity" "me" {}
output "arn" { value = data.aws_caller_identity.me.arn }
`,
  });
  const wish = { runId: 'run-1', phase: 'plan' as const, durationSeconds: 900, sessionName: 'gatehouse' };

  test('assumes a role that demands MFA, with the session that a code bought', async () => {
    const runId = newId('run');
    stand.api.run(runId).configuration = await archiveOf(configuration());
    const mfa = { serial: emulator.mfaSerial, code: new Secret(await emulator.freshCode()) };
    const [answer] = await exchangeCode(emulator.sts, emulator.identity, mfa, [wish]);
    if (answer === undefined || !('session' in answer)) throw new Error('no session');
    for (const phase of ['plan', 'apply'] as const) await stand.dependencies.sessions.put(runId, phase, answer.session);
    const plan = await stand.run(runId, 'plan', { aws: { source: 'challenge' } });
    expect(plan.outcome, plan.log).toMatchObject({ kind: 'finished', hasChanges: true });
    const apply = await stand.run(runId, 'apply', { aws: { source: 'challenge' } });
    expect(apply.outcome, apply.log).toMatchObject({ kind: 'finished' });
    // Its provider was linked from the mirror, and is again.
    expect(apply.log).not.toContain('Initializing');
    expect(JSON.parse(String(stand.api.run(runId).state)).outputs.arn.value).toContain(
      'assumed-role/gatehouse-deploy/',
    );
  });

  test('is denied with a session that was made without a code', async () => {
    const runId = newId('run');
    stand.api.run(runId).configuration = await archiveOf(configuration());
    const answer = await sessionWithoutCode(emulator.sts, emulator.identity, wish);
    if (!('session' in answer) || answer.session.sessionToken === undefined || answer.session.expiresAt === undefined) {
      throw new Error('no session');
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = answer.session;
    await stand.dependencies.sessions.put(runId, 'plan', { accessKeyId, secretAccessKey, sessionToken, expiresAt });
    const { outcome, log } = await stand.run(runId, 'plan', { aws: { source: 'challenge' } });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'terraform_failed' });
    expect(log).toMatch(/not[\s\S]{1,40}authorized to perform: sts:AssumeRole/);
  });
});
