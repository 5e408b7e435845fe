import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { freshCode } from '@gatehouse/sts-emulator/fresh-code';
import { currentCode } from '@gatehouse/sts-emulator/totp';
import { describe, expect, test } from 'vitest';
import { control, refusal, startEmulator } from '../start-emulator.ts';

async function setup() {
  const emulator = await startEmulator();
  const call = (method: string, path: string, body?: unknown) => control(emulator.url, method, path, body);
  return { ...emulator, call, devicePath: `/devices/${encodeURIComponent(emulator.mfaSerial)}` };
}

describe('devices and accounts', () => {
  test('a device’s clock moves alone or with all others, and sessions do not age by it', async () => {
    const { call, devicePath, sessionKeys, mfa, state, client } = await setup();
    const keys = await sessionKeys({ ...mfa(), DurationSeconds: 900 });
    const before = (await call('GET', devicePath)).body;
    expect(before).toMatchObject({ user: 'gatehouse', stepSeconds: 30, clockOffsetSeconds: 0 });
    expect(before.lastAcceptedStep).toEqual(expect.any(Number));
    expect((await call('POST', `${devicePath}/advance`)).body).toMatchObject({ clockOffsetSeconds: 30 });
    expect((await call('POST', `${devicePath}/advance`, { seconds: 90 })).body).toMatchObject({
      clockOffsetSeconds: 120,
    });
    const { body } = await call('POST', '/clock', { advanceSeconds: 86_400 });
    expect(body.devices).toMatchObject([{ clockOffsetSeconds: 86_520 }]);
    expect(state.account.users.get('gatehouse')?.mfaDevices[0]?.clockOffsetSeconds).toBe(86_520);
    await expect(client(keys).send(new GetCallerIdentityCommand({}))).resolves.toBeDefined();
    expect((await call('POST', '/clock', { advanceSeconds: -30 })).status).toBe(422);
    expect((await call('GET', '/devices/unknown')).status).toBe(404);
  });

  test('the emulator’s own clock can be wrong: dates, signatures and codes are judged by it', async () => {
    const { call, url, client, device, mfaSecret, mfaSerial } = await setup();
    const { body } = await call('PUT', '/clock', { offsetSeconds: -600 });
    expect(Math.abs(Date.parse(body.now) - (Date.now() - 600_000))).toBeLessThan(5_000);
    const date = Date.parse((await fetch(url, { method: 'POST' })).headers.get('date') ?? '');
    expect(Math.abs(date - (Date.now() - 600_000))).toBeLessThan(5_000);
    const withCode = (TokenCode: string) => new GetSessionTokenCommand({ SerialNumber: mfaSerial, TokenCode });
    // What the device in the pocket shows now is ten minutes ahead of what this clock expects.
    expect(await refusal(client().send(withCode(currentCode(mfaSecret))))).toMatchObject({ code: 'AccessDenied' });
    const code = currentCode(mfaSecret, new Date(Date.now() - 600_000));
    const { Credentials } = await client().send(withCode(code));
    expect(Math.abs((Credentials?.Expiration?.getTime() ?? 0) - (Date.now() + 42_600_000))).toBeLessThan(5_000);
    await call('PUT', '/clock', { offsetSeconds: 1_200 });
    expect(await refusal(client().send(new GetCallerIdentityCommand({})))).toMatchObject({
      code: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: /),
    });
    await call('PUT', '/clock', { offsetSeconds: 0 });
    expect((await call('GET', '/clock')).body.offsetSeconds).toBe(0);
    const command = withCode(await freshCode(device));
    await expect(client().send(command)).resolves.toBeDefined();
    expect((await call('PUT', '/clock', { offsetSeconds: 'late' })).status).toBe(422);
  });

  test('no route hands out a code', async () => {
    const { call, devicePath } = await setup();
    expect((await call('GET', `${devicePath}/code`)).status).toBe(404);
  });

  test('a user, a device and a role that are made work at once', async () => {
    const { call, client } = await setup();
    const keys = { accessKeyId: 'AKIASECONDSECONDSEC2', secretAccessKey: 'second-secret-second-secret-second-secre' };
    const secretBase32 = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const user = await call('POST', '/users', { name: 'second' });
    expect(user).toMatchObject({ status: 201, body: { arn: 'arn:aws:iam::123456789012:user/second' } });
    const withKey = await call('POST', '/users/second/access-keys', keys);
    expect(withKey.body.accessKeys).toEqual([{ accessKeyId: keys.accessKeyId, active: true }]);
    const device = { user: 'second', serial: 'GAHT12345678', secretBase32 };
    expect((await call('POST', '/devices', device)).status).toBe(201);
    const role = {
      name: 'second-role',
      trustPolicy: { Statement: { Effect: 'Allow', Principal: { AWS: user.body.arn }, Action: 'sts:AssumeRole' } },
    };
    expect((await call('POST', '/roles', role)).body.arn).toBe('arn:aws:iam::123456789012:role/second-role');
    const command = new GetSessionTokenCommand({ SerialNumber: 'GAHT12345678', TokenCode: currentCode(secretBase32) });
    await expect(client(keys).send(command)).resolves.toBeDefined();
    expect((await call('POST', '/users', { name: 'second' })).status).toBe(409);
    expect((await call('POST', '/devices', { ...device, user: 'gatehouse' })).status).toBe(409);
    expect((await call('POST', '/devices', { ...device, serial: 'other-serial', user: 'nobody' })).status).toBe(404);
    await call('PATCH', `/access-keys/${keys.accessKeyId}`, { active: false });
    expect(await refusal(client(keys).send(new GetCallerIdentityCommand({})))).toMatchObject({
      code: 'InvalidClientTokenId',
    });
  });

  test('a role’s trust policy and longest session can be changed', async () => {
    const { call, roleKeys, openRoleArn } = await setup();
    const nobody = { Statement: { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' } };
    const changed = await call('PATCH', '/roles/gatehouse-read', {
      trustPolicy: nobody,
      maxSessionDurationSeconds: 7200,
    });
    expect(changed).toMatchObject({ status: 200, body: { arn: openRoleArn, maxSessionDurationSeconds: 7200 } });
    await expect(roleKeys()).rejects.toThrow('is not authorized to perform: sts:AssumeRole');
    expect((await call('PATCH', '/roles/gatehouse-read', { trustPolicy: {} })).status).toBe(422);
    expect((await call('PATCH', '/roles/nowhere', {})).status).toBe(404);
  });

  test('roles, keys, devices and users can be removed', async () => {
    const { call, roleKeys, sessionKeys, mfa, devicePath, userKeys, client } = await setup();
    const session = await roleKeys();
    expect((await call('DELETE', '/roles/gatehouse-read')).status).toBe(204);
    await expect(roleKeys()).rejects.toThrow('is not authorized');
    const input = mfa();
    expect((await call('DELETE', devicePath)).status).toBe(204);
    await expect(sessionKeys(input)).rejects.toThrow('verify your MFA serial number is valid');
    expect((await call('DELETE', `/access-keys/${userKeys.accessKeyId}`)).status).toBe(204);
    await expect(sessionKeys()).rejects.toThrow('security token included in the request is invalid');
    expect((await call('DELETE', '/users/gatehouse')).status).toBe(204);
    for (const path of [
      '/roles/gatehouse-read',
      devicePath,
      `/access-keys/${userKeys.accessKeyId}`,
      '/users/gatehouse',
    ])
      expect((await call('DELETE', path)).status).toBe(404);
    await expect(client(session).send(new GetCallerIdentityCommand({}))).resolves.toBeDefined();
  });

  test('a refusal of a wrong key or secret does not repeat it', async () => {
    const { call } = await setup();
    const answer = await call('POST', '/users/gatehouse/access-keys', {
      accessKeyId: 'short',
      secretAccessKey: 'tiny-secret',
    });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).not.toMatch(/tiny-secret/);
  });
});
