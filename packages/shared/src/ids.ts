import { randomBytes } from 'node:crypto';

/** Prefixes of the TFE API where it has them, since its clients look at them. */
const prefixes = {
  organization: 'org',
  user: 'user',
  membership: 'ou',
  project: 'prj',
  tag: 'tag',
  tagBinding: 'tb',
  team: 'team',
  workspace: 'ws',
  variable: 'var',
  variableSet: 'varset',
  configurationVersion: 'cv',
  run: 'run',
  plan: 'plan',
  apply: 'apply',
  comment: 'wsc',
  challenge: 'mfa',
  stateVersion: 'sv',
  stateVersionOutput: 'wsout',
  token: 'at',
  authorizationCode: 'authz',
  session: 'sess',
  claim: 'claim',
  worker: 'worker',
  auditRecord: 'audit',
  notificationConfiguration: 'nc',
  notificationDelivery: 'nd',
  awsIdentity: 'awsid',
  awsCheck: 'awschk',
} as const;

export type IdKind = keyof typeof prefixes;

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const bodyLength = 22;

/**
 * A new id: prefix, then 22 base58 characters of 48 bits of milliseconds and 80 random bits. Ids sort by time, which
 * keeps inserts at the end of the index (random ids halve SQLite's insert rate), but only to the millisecond: never
 * use one as the tie-break of an ordered log.
 */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  const random = randomBytes(10).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  let value = (BigInt(nowMs) << 80n) | random;
  let body = '';
  for (let digit = 0; digit < bodyLength; digit++) {
    body = alphabet.charAt(Number(value % 58n)) + body;
    value /= 58n;
  }
  return `${prefixes[kind]}-${body}`;
}

const bodyPattern = new RegExp(`^[${alphabet}]{${bodyLength}}$`);

export function isId(kind: IdKind, text: string): boolean {
  const prefix = `${prefixes[kind]}-`;
  return text.startsWith(prefix) && bodyPattern.test(text.slice(prefix.length));
}
