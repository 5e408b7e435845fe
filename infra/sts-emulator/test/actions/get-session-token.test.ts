import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { codeAtStep, stepAt } from '@gatehouse/sts-emulator/totp';
import { describe, expect, test } from 'vitest';
import { keysOf, refusal, startEmulator } from '../start-emulator.ts';

const wrongPassCode = 'MultiFactorAuthentication failed with invalid MFA one time pass code.';

async function setup() {
  const emulator = await startEmulator();
  const send = (input: { SerialNumber?: string; TokenCode?: string; DurationSeconds?: number }) =>
    emulator.client().send(new GetSessionTokenCommand(input));
  const codeAt = (stepsAhead: number) => codeAtStep(emulator.mfaSecret, stepAt(new Date()) + stepsAhead);
  const lastReason = () => emulator.state.journal.entries.at(-1)?.reason;
  return { ...emulator, send, codeAt, lastReason };
}

describe('GetSessionToken', () => {
  test('a right code gives a session of twelve hours that works', async () => {
    const { send, mfa, client, state, mfaSerial } = await setup();
    const answer = await send(mfa());
    const keys = keysOf(answer);
    expect(keys.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    const secondsLeft = ((answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect(secondsLeft).toBeGreaterThan(43_190);
    expect(secondsLeft).toBeLessThanOrEqual(43_200);
    const identity = await client(keys).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe('arn:aws:iam::123456789012:user/gatehouse');
    expect(state.journal.entries[0]).toMatchObject({
      action: 'GetSessionToken',
      user: 'arn:aws:iam::123456789012:user/gatehouse',
      outcome: 'ok',
      accessKeyId: keys.accessKeyId,
      durationSeconds: 43_200,
      serial: mfaSerial,
    });
  });

  test('without a code it gives a session without MFA', async () => {
    const { sessionKeys, state } = await setup();
    const { accessKeyId } = await sessionKeys();
    expect(state.sessions.get(accessKeyId)).toMatchObject({ kind: 'user' });
    expect(state.sessions.get(accessKeyId)).not.toHaveProperty('mfaAuthenticatedAt');
  });

  test('a wrong code is refused in the words of AWS', async () => {
    const { send, mfaSerial, codeAt, lastReason } = await setup();
    const wrong = ['111111', '222222', '333333', '444444'].find(
      (code) => ![-2, -1, 0, 1, 2].map(codeAt).includes(code),
    );
    expect(await refusal(send({ SerialNumber: mfaSerial, TokenCode: wrong ?? '' }))).toEqual({
      code: 'AccessDenied',
      message: wrongPassCode,
      status: 403,
    });
    expect(lastReason()).toBe('code_wrong');
  });

  test('a used code is refused in the same words, and the journal tells it apart', async () => {
    const { send, mfa, lastReason } = await setup();
    const input = mfa();
    await send(input);
    expect(await refusal(send(input))).toMatchObject({ code: 'AccessDenied', message: wrongPassCode });
    expect(lastReason()).toBe('code_reused');
  });

  test('of ten calls at once with one code, one is accepted', async () => {
    const { send, mfa } = await setup();
    const input = mfa();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => send(input)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a code is good one step before and one step after its time, not two', async () => {
    // A step may end between reading the clock and the call, so the outer bounds are three steps away.
    const { send, mfaSerial, codeAt } = await setup();
    const submit = (stepsAhead: number) => send({ SerialNumber: mfaSerial, TokenCode: codeAt(stepsAhead) });
    await expect(refusal(submit(-3))).resolves.toMatchObject({ message: wrongPassCode });
    await expect(refusal(submit(3))).resolves.toMatchObject({ message: wrongPassCode });
    await expect(submit(0)).resolves.toBeDefined();
    await expect(submit(1)).resolves.toBeDefined();
  });

  test.each(['arn:aws:iam::123456789012:mfa/somebody-else', 'GAHT12345678'])(
    'a device that is not the user’s is refused: %s',
    async (SerialNumber) => {
      const { send, code, lastReason } = await setup();
      expect(await refusal(send({ SerialNumber, TokenCode: code() }))).toEqual({
        code: 'AccessDenied',
        message:
          'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
        status: 403,
      });
      expect(lastReason()).toBe('serial_unknown');
    },
  );

  test('a serial without a code is refused', async () => {
    const { send, mfaSerial } = await setup();
    expect(await refusal(send({ SerialNumber: mfaSerial }))).toMatchObject({
      code: 'AccessDenied',
      message: 'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
    });
  });

  test.each([
    [
      899,
      "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      129_601,
      "Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
    ],
  ])('a duration of %i seconds is out of range', async (DurationSeconds, fault) => {
    const { send } = await setup();
    expect(await refusal(send({ DurationSeconds }))).toEqual({
      code: 'ValidationError',
      message: `1 validation error detected: ${fault}`,
      status: 400,
    });
  });

  test.each([900, 129_600])('a duration of %i seconds is in range', async (DurationSeconds) => {
    const { send, state } = await setup();
    const { accessKeyId } = keysOf(await send({ DurationSeconds }));
    expect(state.sessions.get(accessKeyId)?.durationSeconds).toBe(DurationSeconds);
  });

  test('a malformed code is a validation error and does not spend the device’s code', async () => {
    const { send, mfaSerial, mfa } = await setup();
    expect(await refusal(send({ SerialNumber: mfaSerial, TokenCode: '12a' }))).toEqual({
      code: 'ValidationError',
      message:
        "2 validation errors detected: Value '12a' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\d]*; Value '12a' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
      status: 400,
    });
    await expect(send(mfa())).resolves.toBeDefined();
  });

  test('a session cannot ask for a session', async () => {
    const { sessionKeys, roleKeys, client, lastReason } = await setup();
    for (const keys of [await sessionKeys(), await roleKeys()]) {
      expect(await refusal(client(keys).send(new GetSessionTokenCommand({})))).toEqual({
        code: 'AccessDenied',
        message: 'Cannot call GetSessionToken with session credentials',
        status: 403,
      });
      expect(lastReason()).toBe('session_credentials');
    }
  });

  test('a session works until its expiry and not from then on', async () => {
    const { sessionKeys, client, time, lastReason } = await setup();
    const keys = await sessionKeys({ DurationSeconds: 900 });
    const whoAmI = () => client(keys).send(new GetCallerIdentityCommand({}));
    time.aheadMs = 890_000;
    await expect(whoAmI()).resolves.toBeDefined();
    time.aheadMs = 900_000;
    expect(await refusal(whoAmI())).toEqual({
      code: 'ExpiredToken',
      message: 'The security token included in the request is expired',
      status: 403,
    });
    expect(lastReason()).toBe('token_expired');
  });
});
