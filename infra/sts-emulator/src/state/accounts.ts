import { createHash } from 'node:crypto';
import { encodeBase32 } from '../base32.ts';
import type { IdentityPolicy } from '../policies/identity-policy.ts';
import { administratorAccess, awsManagedPolicies } from '../policies/managed-policies.ts';
import type { TrustPolicy } from '../policies/trust-policy.ts';
import { listOf } from '../policies/wildcard.ts';
import type { AccessKey, Seed } from '../seed.ts';
import { type MfaDevice, mfaDeviceFromSeed } from './mfa-devices.ts';

export type User = {
  name: string;
  arn: string;
  /** AIDA…; derived from the ARN, so that it is the same after a restart. */
  userId: string;
  isRoot: boolean;
  accessKeys: AccessKey[];
  mfaDevices: MfaDevice[];
  policies: Policies;
};

/** Identity policies by name; none at all allows nothing. */
export type Policies = Map<string, IdentityPolicy>;

export type Role = {
  name: string;
  arn: string;
  roleId: string;
  maxSessionDurationSeconds: number;
  trustPolicy: TrustPolicy;
  policies: Policies;
};

/** The one emulated account, in memory. */
export type Account = {
  accountId: string;
  minimumSessionSeconds: number;
  /** Undefined: as long as is asked for. */
  sessionSeconds: number | undefined;
  users: Map<string, User>;
  roles: Map<string, Role>;
  managedPolicies: Map<string, IdentityPolicy>;
};

export class DuplicateError extends Error {}

/** Throws `DuplicateError` when two users, keys, devices or roles of the seed share a name. */
export function accountFromSeed(seed: Seed): Account {
  const { accountId, minimumSessionSeconds, sessionSeconds } = seed;
  const account: Account = {
    accountId,
    minimumSessionSeconds,
    sessionSeconds,
    users: new Map(),
    roles: new Map(),
    managedPolicies: new Map([...awsManagedPolicies, ...Object.entries(seed.managedPolicies)]),
  };
  for (const user of seed.users) addUser(account, user);
  for (const role of seed.roles) addRole(account, role);
  return account;
}

export function addUser(account: Account, seed: Seed['users'][number]): User {
  const arn = `arn:aws:iam::${account.accountId}:${seed.root ? 'root' : `user/${seed.name}`}`;
  if (account.users.has(seed.name)) throw new DuplicateError(`user ${seed.name} exists`);
  const user: User = {
    name: seed.name,
    arn,
    userId: seed.root ? account.accountId : uniqueId('AIDA', arn),
    isRoot: seed.root,
    accessKeys: [],
    mfaDevices: [],
    policies: policiesFromSeed(seed.permissions),
  };
  for (const key of seed.accessKeys) addAccessKey(account, user, key);
  for (const device of seed.mfaDevices) addMfaDevice(account, user, device);
  account.users.set(user.name, user);
  return user;
}

export function addAccessKey(account: Account, user: User, key: AccessKey): void {
  const known = findAccessKey(account, key.accessKeyId) ?? user.accessKeys.find((own) => sameKey(own, key));
  if (known !== undefined) throw new DuplicateError(`access key ${key.accessKeyId} exists`);
  user.accessKeys.push({ ...key });
}

export function addMfaDevice(
  account: Account,
  user: User,
  seed: Seed['users'][number]['mfaDevices'][number],
): MfaDevice {
  const known = findMfaDevice(account, seed.serial) ?? user.mfaDevices.find(({ serial }) => serial === seed.serial);
  if (known !== undefined) throw new DuplicateError(`MFA device ${seed.serial} exists`);
  const device = mfaDeviceFromSeed(seed);
  user.mfaDevices.push(device);
  return device;
}

export function addRole(account: Account, seed: Seed['roles'][number]): Role {
  const arn = `arn:aws:iam::${account.accountId}:role/${seed.name}`;
  if (account.roles.has(arn)) throw new DuplicateError(`role ${seed.name} exists`);
  const { permissions, ...rest } = seed;
  const role: Role = { ...rest, arn, roleId: uniqueId('AROA', arn), policies: policiesFromSeed(permissions) };
  account.roles.set(arn, role);
  return role;
}

function policiesFromSeed(permissions: Seed['roles'][number]['permissions']): Policies {
  if (permissions === undefined) return new Map([['everything', administratorAccess]]);
  return new Map(listOf(permissions).map((policy, index) => [`permissions-${index + 1}`, policy]));
}

export function roleByName(account: Account, name: string): Role | undefined {
  return [...account.roles.values()].find((role) => role.name === name);
}

export function removeAccessKey(user: User, accessKeyId: string): void {
  user.accessKeys = user.accessKeys.filter((key) => key.accessKeyId !== accessKeyId);
}

export function removeMfaDevice(user: User, serial: string): void {
  user.mfaDevices = user.mfaDevices.filter((device) => device.serial !== serial);
}

export function findAccessKey(account: Account, accessKeyId: string): { user: User; key: AccessKey } | undefined {
  for (const user of account.users.values()) {
    const key = user.accessKeys.find((own) => own.accessKeyId === accessKeyId);
    if (key !== undefined) return { user, key };
  }
  return undefined;
}

export function findMfaDevice(account: Account, serial: string): { user: User; device: MfaDevice } | undefined {
  for (const user of account.users.values()) {
    const device = user.mfaDevices.find((own) => own.serial === serial);
    if (device !== undefined) return { user, device };
  }
  return undefined;
}

const sameKey = (one: AccessKey, other: AccessKey): boolean => one.accessKeyId === other.accessKeyId;

function uniqueId(prefix: 'AIDA' | 'AROA', arn: string): string {
  return prefix + encodeBase32(createHash('sha256').update(arn).digest()).slice(0, 17);
}
