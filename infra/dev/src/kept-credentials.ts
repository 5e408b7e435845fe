import { randomBytes } from 'node:crypto';
import { createDemoSeed } from '@gatehouse/sts-emulator/demo-seed';
import { seedSchema } from '@gatehouse/sts-emulator/seed';
import { z } from 'zod';
import type { DataDirectory } from './data-directory.ts';

/** What is made once for a data folder and kept: whoever holds the folder holds the stack. */
export type KeptCredentials = {
  sealingKeyFile: string;
  workerTokenFile: string;
  workerToken: string;
  bootstrapFile: string;
  username: string;
  password: string;
  token: string;
  emulatorSeedFile: string;
  emulated: { accessKeyId: string; secretAccessKey: string; mfaSerial: string; mfaSecret: string };
};

const bootstrapSchema = z.strictObject({ username: z.string(), password: z.string(), token: z.string() });

export async function keepCredentials(data: DataDirectory): Promise<KeptCredentials> {
  const sealingKey = await data.keep('sealing-key', () => `${randomBytes(32).toString('base64url')}\n`);
  const workerToken = await data.keep('worker-token', () => `${randomBytes(32).toString('base64url')}\n`);
  const bootstrap = await data.keep('bootstrap.json', makeBootstrap);
  const seed = await data.keep('sts-seed.json', () => `${JSON.stringify(createDemoSeed().seed, undefined, 2)}\n`);
  return {
    sealingKeyFile: sealingKey.file,
    workerTokenFile: workerToken.file,
    workerToken: workerToken.content.trim(),
    bootstrapFile: bootstrap.file,
    ...bootstrapSchema.parse(JSON.parse(bootstrap.content)),
    emulatorSeedFile: seed.file,
    emulated: emulatedIdentity(seed.content),
  };
}

function makeBootstrap(): string {
  const content: z.infer<typeof bootstrapSchema> = {
    username: 'demo',
    password: randomBytes(12).toString('base64url'),
    token: `gh_${randomBytes(32).toString('base64url')}`,
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function emulatedIdentity(seedText: string): KeptCredentials['emulated'] {
  const [user] = seedSchema.parse(JSON.parse(seedText)).users;
  const [key] = user?.accessKeys ?? [];
  const [device] = user?.mfaDevices ?? [];
  if (key === undefined || device === undefined) {
    throw new Error("The emulator's seed has no first user with an access key and an MFA device.");
  }
  return {
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
    mfaSerial: device.serial,
    mfaSecret: device.secretBase32,
  };
}
