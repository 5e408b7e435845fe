import { AssumeRoleCommand, GetSessionTokenCommand, STSClient, STSServiceException } from '@aws-sdk/client-sts';
import { createDemoSeed } from '@gatehouse/sts-emulator/demo-seed';
import type { SeedInput } from '@gatehouse/sts-emulator/seed';
import { buildEmulator } from '@gatehouse/sts-emulator/server';
import { nextUsableCode } from '@gatehouse/sts-emulator/totp';
import { onTestFinished } from 'vitest';

export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** An emulator on a free port with a demo account, and the real SDK to call it; closed when the test ends. */
export async function startEmulator(options: { seed?: (demo: SeedInput) => SeedInput; controlToken?: string } = {}) {
  const demo = createDemoSeed();
  const time = { aheadMs: 0 };
  const clock = () => new Date(Date.now() + time.aheadMs);
  const { app, state } = buildEmulator({
    seed: options.seed?.(demo.seed) ?? demo.seed,
    clock,
    ...(options.controlToken === undefined ? {} : { controlToken: options.controlToken }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const userKeys: Keys = { accessKeyId: demo.accessKeyId, secretAccessKey: demo.secretAccessKey };
  const device = { emulatorUrl: url, serial: demo.mfaSerial, secretBase32: demo.mfaSecret };

  const client = (credentials: Keys = userKeys, systemClockOffset = time.aheadMs) =>
    new STSClient({ endpoint: url, region: 'eu-central-1', credentials, maxAttempts: 1, systemClockOffset });

  /** A code that is accepted now, straight from the device's state; moves its clock when all codes are used. */
  const code = () => {
    const own = state.account.users.get('gatehouse')?.mfaDevices[0];
    if (own === undefined) throw new Error('the demo user has no device');
    const currentStep = Math.floor((state.clock().getTime() / 1000 + own.clockOffsetSeconds) / own.stepSeconds);
    const next = nextUsableCode({
      secretBase32: own.secretBase32,
      currentStep,
      lastAcceptedStep: own.lastAcceptedStep,
    });
    own.clockOffsetSeconds += next.stepsToWait * own.stepSeconds;
    return next.code;
  };
  const mfa = () => ({ SerialNumber: demo.mfaSerial, TokenCode: code() });

  const sessionKeys = async (input: { SerialNumber?: string; TokenCode?: string; DurationSeconds?: number } = {}) =>
    keysOf(await client().send(new GetSessionTokenCommand(input)));
  const roleKeys = async (from: Keys = userKeys, RoleArn = demo.openRoleArn) =>
    keysOf(await client(from).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'chained' })));

  return {
    ...demo,
    app,
    state,
    url,
    clock: state.clock,
    time,
    userKeys,
    device,
    client,
    code,
    mfa,
    sessionKeys,
    roleKeys,
  };
}

type Answer = {
  Credentials?:
    | { AccessKeyId: string | undefined; SecretAccessKey: string | undefined; SessionToken: string | undefined }
    | undefined;
};

export function keysOf({ Credentials }: Answer): Required<Keys> {
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw new Error('the answer holds no credentials');
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** What the SDK makes of a refusal: AWS's code and message and the HTTP status. */
export async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof STSServiceException)) throw error;
    return { code: error.name, message: error.message, status: error.$metadata.httpStatusCode };
  }
  throw new Error('the call was not refused');
}

export async function control(url: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/_emulator${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
