import { newId } from '@gatehouse/shared/ids';
import { phaseJobId } from '@gatehouse/shared/jobs';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takePhase } from '../../src/lanes/run-lane.ts';
import { exchangeCode } from '../../src/sts/exchange-code.ts';
import type { IssuedSession } from '../../src/sts/session.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';
import { archiveOf, eventually, openRunStand, type RunStand } from '../surroundings/run-stand.ts';

const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (mirror === undefined)
  process.stderr.write('SKIPPED: the real AWS provider is not tried, GATEHOUSE_PROVIDER_MIRROR is unset.\n');

/** Long enough for the provider to start on a busy host; the apply waits until after it. */
const lifeSeconds = 20;
const configuration = {
  'main.tf': `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
  skip_metadata_api_check = true
}
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = "echo slow begins; sleep ${lifeSeconds + 2}" }
}
data "aws_caller_identity" "after" { depends_on = [terraform_data.slow] }
resource "terraform_data" "last" { input = data.aws_caller_identity.after.arn }
`,
};

describe.skipIf(mirror === undefined)(
  'the real AWS provider in an apply that is longer than its session',
  {
    timeout: 180_000,
  },
  () => {
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
      stand.startHeart();
    });
    afterAll(async () => {
      await emulator.close();
      await stand.close();
    });

    async function newSession(durationSeconds: number): Promise<IssuedSession> {
      const mfa = { serial: emulator.mfaSerial, code: new Secret(await emulator.freshCode()) };
      const wish = { runId: 'run-1', phase: 'apply' as const, durationSeconds, sessionName: 'gatehouse' };
      const [answer] = await exchangeCode(emulator.sts, emulator.identity, mfa, [wish]);
      if (answer === undefined || !('session' in answer)) throw new Error('no session');
      return answer.session;
    }

    /** An apply whose slow resource has begun, and the session that it began with. */
    async function startApply() {
      const runId = newId('run');
      const aws = { source: 'challenge' as const };
      stand.api.run(runId).configuration = await archiveOf(configuration);
      await stand.dependencies.sessions.put(runId, 'plan', await newSession(600));
      const plan = await stand.run(runId, 'plan', { aws });
      expect(plan.outcome, plan.log).toMatchObject({ kind: 'finished', resourceAdditions: 3 });
      const first = await newSession(lifeSeconds);
      await stand.dependencies.sessions.put(runId, 'apply', first);
      const claim = await stand.offer(runId, 'apply', { aws });
      const done = takePhase(stand.dependencies, phaseJobId(runId, 'apply'));
      await eventually(async () => (await stand.log(runId, 'apply')).includes('slow begins'));
      return { runId, claim, first, done };
    }

    const callersOf = async (accessKeyIds: string[]) =>
      (await emulator.calls('GetCallerIdentity')).flatMap((call) => {
        // As the emulator's journal documents it.
        const { callerAccessKeyId, outcome } = call as { callerAccessKeyId: string; outcome: string };
        return accessKeyIds.includes(callerAccessKeyId) ? [{ callerAccessKeyId, outcome }] : [];
      });

    test('ends before its session does without one, with its state saved', async () => {
      const { runId, first, done } = await startApply();
      await done;
      expect(Date.now()).toBeLessThan(first.expiresAt.getTime());
      expect(stand.outcome(runId, 'apply'), await stand.log(runId, 'apply')).toMatchObject({
        kind: 'failed',
        reason: 'session_expired',
        message: expect.stringContaining(
          '1 of 3 changes was applied; left: terraform_data.last, terraform_data.slow (begun).',
        ),
      });
      const { resources } = JSON.parse(String(stand.api.run(runId).state));
      expect(resources.map(({ name }: { name: string }) => name)).toContain('first');
      for (const { outcome } of await callersOf([first.accessKeyId])) expect(outcome).toBe('ok');
    });
  },
);
