import { randomBytes } from 'node:crypto';
import { encodeBase32 } from './base32.ts';
import { type Seed, seedSchema } from './seed.ts';

export type DemoSeed = {
  seed: Seed;
  accessKeyId: string;
  secretAccessKey: string;
  mfaSerial: string;
  /** base32, for an authenticator app. */
  mfaSecret: string;
  /** Its trust policy demands MFA. */
  roleArn: string;
  /** Its trust policy does not. */
  openRoleArn: string;
  /** A function of Lambda, which ReadOnlyAccess does not let a session invoke. */
  functionName: string;
};

const accountId = '123456789012';
const userName = 'gatehouse';
const roleName = 'gatehouse-deploy';
const openRoleName = 'gatehouse-read';
const functionName = 'gatehouse-demo';

/** An account to try Gatehouse with: one user, one key, one MFA device, two roles. Keys and secret are random. */
export function createDemoSeed(): DemoSeed {
  const accessKeyId = `AKIA${encodeBase32(randomBytes(10))}`;
  const secretAccessKey = randomBytes(30).toString('base64');
  const mfaSecret = encodeBase32(randomBytes(20));
  const mfaSerial = `arn:aws:iam::${accountId}:mfa/${userName}`;
  const seed = seedSchema.parse({
    accountId,
    users: [
      {
        name: userName,
        accessKeys: [{ accessKeyId, secretAccessKey }],
        mfaDevices: [{ serial: mfaSerial, secretBase32: mfaSecret }],
      },
    ],
    roles: [
      { name: roleName, maxSessionDurationSeconds: 43_200, trustPolicy: trustPolicy({ mfa: true }) },
      { name: openRoleName, trustPolicy: trustPolicy({ mfa: false }) },
    ],
    functions: [{ name: functionName, answer: { status: 'ok' } }],
  });
  return {
    seed,
    accessKeyId,
    secretAccessKey,
    mfaSerial,
    mfaSecret,
    roleArn: arn(roleName),
    openRoleArn: arn(openRoleName),
    functionName,
  };
}

function trustPolicy({ mfa }: { mfa: boolean }) {
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:user/${userName}` },
      Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      ...(mfa ? { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } } : {}),
    },
  };
}

const arn = (role: string): string => `arn:aws:iam::${accountId}:role/${role}`;
