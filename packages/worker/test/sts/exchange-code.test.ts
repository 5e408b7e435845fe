import { Secret } from '@gatehouse/shared/secret';
import type { SessionRequest } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exchanged, exchangeCode } from '../../src/sts/exchange-code.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const wish = (more: Partial<SessionRequest> = {}): SessionRequest => ({
  runId: 'run-1',
  phase: 'plan',
  durationSeconds: 900,
  sessionName: 'gatehouse-run-1',
  ...more,
});

async function exchange(
  code: string,
  options: { wishes?: SessionRequest[]; serial?: string; secretAccessKey?: string; accessKeyId?: string } = {},
): Promise<Exchanged[]> {
  const identity = {
    ...emulator.identity,
    ...(options.accessKeyId === undefined ? {} : { accessKeyId: options.accessKeyId }),
    ...(options.secretAccessKey === undefined ? {} : { secretAccessKey: new Secret(options.secretAccessKey) }),
  };
  const mfa = { serial: options.serial ?? emulator.mfaSerial, code: new Secret(code) };
  const answers = await exchangeCode(emulator.sts, identity, mfa, options.wishes ?? [wish()]);
  const told = JSON.stringify(answers);
  expect(told).not.toContain(options.secretAccessKey ?? emulator.secretAccessKey);
  expect(told.includes(code)).toBe(false);
  return answers;
}

describe('one run', () => {
  test('a right code gives a session with its end', async () => {
    const [answer] = await exchange(await emulator.freshCode());
    expect(answer).toMatchObject({ session: { accessKeyId: expect.stringMatching(/^ASIA/) } });
    const endsInMs = answer && 'session' in answer ? answer.session.expiresAt.getTime() - Date.now() : 0;
    expect(endsInMs).toBeGreaterThan(890_000);
    expect(endsInMs).toBeLessThanOrEqual(901_000);
  });

  test('a role is assumed with the code itself', async () => {
    const before = await emulator.calls('GetSessionToken');
    const [answer] = await exchange(await emulator.freshCode(), { wishes: [wish({ roleArn: emulator.roleArn })] });
    expect(answer).toHaveProperty('session');
    expect(await emulator.calls('GetSessionToken')).toHaveLength(before.length);
  });
});

describe('several runs and one code', () => {
  test('a role that is to last longer than AWS gives through a session is assumed for the hour that it gives', async () => {
    const answers = await exchange(await emulator.freshCode(), {
      wishes: [wish(), wish({ roleArn: emulator.roleArn, durationSeconds: 7200 })],
    });
    expect(answers[1]).toHaveProperty('session');
    const [call] = (await emulator.calls('AssumeRole')).slice(-1);
    expect(call).toMatchObject({ durationSeconds: 3600 });
  });

  test('the code buys one session, from which the roles are assumed', async () => {
    const before = await emulator.calls('GetSessionToken');
    const answers = await exchange(await emulator.freshCode(), {
      wishes: [wish({ durationSeconds: 1800 }), wish({ roleArn: emulator.roleArn }), wish({ durationSeconds: 900 })],
    });
    const sessions = answers.map((answer) => ('session' in answer ? answer.session : undefined));
    expect(await emulator.calls('GetSessionToken')).toHaveLength(before.length + 1);
    expect(sessions[0]?.accessKeyId).toBe(sessions[2]?.accessKeyId);
    expect(sessions[1]?.accessKeyId).not.toBe(sessions[0]?.accessKeyId);
    const seconds = ((sessions[0]?.expiresAt.getTime() ?? 0) - Date.now()) / 1000;
    expect(seconds, 'nobody gets longer than asked for').toBeLessThanOrEqual(901);
  });

  test('a role that is refused costs the others nothing', async () => {
    const answers = await exchange(await emulator.freshCode(), {
      wishes: [wish(), wish({ roleArn: 'arn:aws:iam::123456789012:role/nobody' })],
    });
    expect(answers[0]).toHaveProperty('session');
    expect(answers[1]).toMatchObject({ rejection: 'sts_denied', awsMessage: expect.stringContaining('AccessDenied') });
  });
});

describe('why there is no session', () => {
  test('a wrong code', async () => {
    expect(await exchange(await emulator.wrongCode())).toMatchObject([
      {
        rejection: 'mfa_rejected',
        awsMessage: expect.stringContaining('one time pass code'),
        awsRequestId: expect.any(String),
      },
    ]);
  });

  test('a used code', async () => {
    const code = await emulator.freshCode();
    await exchange(code);
    expect(await exchange(code)).toMatchObject([{ rejection: 'mfa_rejected' }]);
  });

  test('another device', async () => {
    const serial = 'arn:aws:iam::123456789012:mfa/somebody';
    expect(await exchange(await emulator.freshCode(), { serial })).toMatchObject([{ rejection: 'mfa_serial_unknown' }]);
  });

  test('a serial that cannot be one', async () => {
    expect(await exchange(await emulator.freshCode(), { serial: 'x' })).toMatchObject([
      { rejection: 'mfa_serial_unknown' },
    ]);
  });

  test('a key that AWS does not know', async () => {
    const answers = await exchange(await emulator.freshCode(), { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' });
    expect(answers).toMatchObject([{ rejection: 'aws_keys_invalid' }]);
  });

  test('a secret key that does not fit', async () => {
    const answers = await exchange(await emulator.freshCode(), {
      secretAccessKey: 'wrongwrongwrongwrongwrongwrongwrongwrong',
    });
    expect(answers).toMatchObject([{ rejection: 'aws_keys_invalid' }]);
  });

  test('a role that the user may not assume', async () => {
    const wishes = [wish({ roleArn: 'arn:aws:iam::123456789012:role/nobody' })];
    expect(await exchange(await emulator.freshCode(), { wishes })).toMatchObject([{ rejection: 'sts_denied' }]);
  });

  test('a duration that AWS does not give', async () => {
    const wishes = [wish({ durationSeconds: 999_999 })];
    expect(await exchange(await emulator.freshCode(), { wishes })).toMatchObject([{ rejection: 'session_too_long' }]);
  });

  test.each([
    ['throttle', 'sts_throttled'],
    ['server_error', 'sts_unreachable'],
    ['refuse_connection', 'sts_unreachable'],
    ['garbage', 'sts_unreachable'],
    ['wrong_clock', 'sts_denied'],
  ] as const)('%s is told as %s, after one call', async (kind, rejection) => {
    const before = await emulator.calls('GetSessionToken');
    const code = await emulator.freshCode();
    await emulator.fault({ kind, times: 2 });
    const answers = await exchange(code);
    await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
    expect(answers).toMatchObject([{ rejection }]);
    expect((await emulator.calls('GetSessionToken')).length - before.length).toBeLessThanOrEqual(1);
  });

  test('nobody listens', async () => {
    const identity = emulator.identity;
    const mfa = { serial: emulator.mfaSerial, code: new Secret('123456') };
    const nowhere = { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' };
    expect(await exchangeCode(nowhere, identity, mfa, [wish()])).toMatchObject([
      { rejection: 'sts_unreachable', awsMessage: expect.stringContaining('ECONNREFUSED') },
    ]);
  });
});
