import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { identityPolicySchema } from './policies/identity-policy.ts';
import { trustPolicySchema } from './policies/trust-policy.ts';

// What the emulated account holds at start. Names follow IAM; the patterns are those of the IAM and STS API models.

export const accessKeySchema = z.strictObject({
  accessKeyId: z.string().regex(/^\w{16,128}$/),
  secretAccessKey: z.string().min(16),
  /** A key that is switched off answers InvalidClientTokenId, as at AWS. */
  active: z.boolean().default(true),
});

export const mfaDeviceSchema = z.strictObject({
  /** `arn:aws:iam::<account>:mfa/<name>` for a virtual device, or the serial of a hardware one. */
  serial: z.string().regex(/^[\w+=/:,.@-]{9,256}$/),
  secretBase32: z.string().regex(/^[A-Z2-7]{16,}=*$/),
  /** Seconds that a code is shown; AWS devices have 30. */
  stepSeconds: z.int().min(1).max(300).default(30),
  /** How far this device's clock runs ahead of the emulator's. The verifier accounts for it, so it is not drift. */
  clockOffsetSeconds: z.int().default(0),
});

/** What a user or a role may do; everything when left out. */
const permissionsSchema = z.union([identityPolicySchema, z.array(identityPolicySchema)]).optional();

export const userSchema = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  /** The account's owner: its ARN ends in `:root`, its sessions last an hour at most, and it assumes no roles. */
  root: z.boolean().default(false),
  permissions: permissionsSchema,
  accessKeys: z.array(accessKeySchema).default([]),
  mfaDevices: z.array(mfaDeviceSchema).default([]),
});

export const roleSchema = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  /** Longest session of this role in seconds; AWS allows 3600 to 43200. */
  maxSessionDurationSeconds: z.int().min(3600).max(43_200).default(3600),
  trustPolicy: trustPolicySchema,
  permissions: permissionsSchema,
});

export const lambdaFunctionSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,64}$/),
  /** What it answers whenever it is invoked. */
  answer: z.json().default({}),
});

export const seedSchema = z.strictObject({
  accountId: z.string().regex(/^\d{12}$/),
  users: z.array(userSchema),
  roles: z.array(roleSchema).default([]),
  /** Managed policies of the account by ARN, besides those of AWS that the emulator knows. */
  managedPolicies: z
    .record(z.string().regex(/^arn:aws:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/), identityPolicySchema)
    .default({}),
  /** Lambda functions that can be invoked. */
  functions: z.array(lambdaFunctionSchema).default([]),
  /** Shortest session in seconds. AWS has 900; less lets a test see a session expire in seconds. */
  minimumSessionSeconds: z.int().min(1).max(900).default(900),
  /** Life of every session, whatever is asked for, so that a client that may not ask for less than 900 sees one end. */
  sessionSeconds: z.int().min(1).max(129_600).optional(),
});

export type AccessKey = z.output<typeof accessKeySchema>;
export type Seed = z.output<typeof seedSchema>;
export type SeedInput = z.input<typeof seedSchema>;

/** Reads and checks a seed file; throws when it is missing, is not JSON or breaks the schema. Never tells its content. */
export async function readSeed(path: string): Promise<Seed> {
  const parsed = seedSchema.safeParse(parseJson(path, await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new Error(`the seed file ${path} is not valid: ${faults}`);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own error quotes the text, and with it perhaps a secret: so no cause.
    throw new Error(`the seed file ${path} is not JSON`);
  }
}
