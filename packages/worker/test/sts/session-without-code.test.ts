import { Secret } from '@gatehouse/shared/secret';
import type { SessionRequest } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionWithoutCode } from '../../src/sts/session-without-code.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const wish: SessionRequest = { runId: 'run-1', phase: 'plan', durationSeconds: 900, sessionName: 'gatehouse-run-1' };

test('keys are turned into a session', async () => {
  const answer = await sessionWithoutCode(emulator.sts, emulator.identity, wish);
  expect(answer).toMatchObject({
    session: { accessKeyId: expect.stringMatching(/^ASIA/), expiresAt: expect.any(Date) },
  });
});

test('a role without an MFA condition is assumed; one with it is refused', async () => {
  const open = await sessionWithoutCode(emulator.sts, emulator.identity, { ...wish, roleArn: emulator.openRoleArn });
  const closed = await sessionWithoutCode(emulator.sts, emulator.identity, { ...wish, roleArn: emulator.roleArn });
  expect(open).toHaveProperty('session');
  expect(closed).toMatchObject({ rejection: 'sts_denied' });
});

test('keys with a session token are served as they are, without a call', async () => {
  const before = await emulator.calls('GetSessionToken');
  const identity = { ...emulator.identity, sessionToken: new Secret('a-token') };
  const answer = await sessionWithoutCode(emulator.sts, identity, wish);
  expect(answer).toEqual({ session: { ...identity, expiresAt: undefined } });
  expect(await emulator.calls('GetSessionToken')).toHaveLength(before.length);
});

test('an outage of one call is ridden out', async () => {
  await emulator.fault({ kind: 'server_error', times: 1 });
  expect(await sessionWithoutCode(emulator.sts, emulator.identity, wish)).toHaveProperty('session');
});
