import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AllowList, parseAllowList } from '@gatehouse/shared/address-guard';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';

/** What the api is told by its environment. Only this file reads `process.env`. */
export type Config = {
  /** GATEHOUSE_HOST, default 127.0.0.1: nothing listens to a network unless asked to. */
  host: string;
  /** GATEHOUSE_PORT, default 8080. */
  port: number;
  /** GATEHOUSE_DATA_DIR, default `.gatehouse`: the database and the blobs. */
  dataDir: string;
  /** GATEHOUSE_TLS_CERT_FILE and GATEHOUSE_TLS_KEY_FILE, both or none: PEM; with them it listens with HTTPS only. */
  tls: TlsFiles | undefined;
  /**
   * GATEHOUSE_PUBLIC_URL, default `http://host:port`, with TLS `https://…`: where people and workers reach the api; no
   * slash at its end.
   */
  publicUrl: string;
  /** REDIS_URL, default redis://127.0.0.1:6379. May hold a password. */
  redisUrl: string;
  /** GATEHOUSE_SEALING_KEY or GATEHOUSE_SEALING_KEY_FILE, required. */
  sealingKey: Secret;
  /** GATEHOUSE_WORKER_TOKEN or GATEHOUSE_WORKER_TOKEN_FILE, required, at least 32 characters: what workers show. */
  workerToken: Secret;
  /** What stands behind the first in GATEHOUSE_WORKER_TOKEN, separated by commas: accepted too, while workers are changed. */
  otherWorkerTokens: readonly Secret[];
  /** GATEHOUSE_MFA_DEADLINE_SECONDS, default 1800: how long a run waits for a code. */
  mfaDeadlineSeconds: number;
  /** GATEHOUSE_MFA_REMINDER_SECONDS, default 300: how often the log of a waiting run says that it still waits. */
  mfaReminderSeconds: number;
  /** GATEHOUSE_MFA_EXTEND_SECONDS, default 600: how long before its end a running phase's session asks for a code. */
  mfaExtendBeforeSeconds: number;
  /** GATEHOUSE_MFA_TRIES, default 5: refused codes before a challenge is given up. */
  mfaTries: number;
  /** GATEHOUSE_MFA_WRONG_CODES_PER_HOUR, default 10: of one person and one device, over all runs; then she has to wait. */
  mfaWrongCodesPerHour: number;
  /** GATEHOUSE_PHASE_TIMEOUT_SECONDS, default 7200: a plan or an apply, from claim to report. */
  phaseTimeoutSeconds: number;
  /** GATEHOUSE_LOG_LIMIT_BYTES, default 64 MiB: of one phase; the rest is cut, which the log says. */
  logLimitBytes: number;
  /** GATEHOUSE_NOTIFICATION_ALLOW: `host:port` or CIDR, separated by commas, that notifications may go to although not public. */
  notificationAllow: AllowList;
  /** GATEHOUSE_LOG_LEVEL, default info. */
  logLevel: string;
  /** GATEHOUSE_MAX_LAG_MS, default 5000: how late the event loop may be before requests are refused with 503; 0: never. */
  maxLagMs: number;
  /** GATEHOUSE_IDLE_SECONDS, default 120: after so long a connection ends on which a request or its answer stands still. */
  idleSeconds: number;
  /**
   * GATEHOUSE_TRUST_PROXY, default false. True: whoever connects is a proxy of yours, and the last address in its
   * X-Forwarded-For, which is the one that it wrote itself, is the client's. Or the addresses (IP, CIDR) of all your proxies:
   * the last address that is none of them is the client's.
   */
  trustProxy: boolean | readonly string[];
  /** GATEHOUSE_BOOTSTRAP_FILE: JSON `{username, password, token}` of a first site admin, made when there is none. */
  bootstrapFile: string | undefined;
  /** GATEHOUSE_WEB_DIR, default: the `dist` of the web package beside this one. The built page; may be missing. */
  webDir: string;
};

export type TlsFiles = { certFile: string; keyFile: string };

const seconds = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

const listOf = (text: string) => text.split(/[\s,]+/).filter((entry) => entry !== '');

const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'Give true, false, or addresses (IP, CIDR) of proxies.',
);

const environmentSchema = z.object({
  GATEHOUSE_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_PORT: z.coerce.number().int().min(1).max(65535).default(8080),
  GATEHOUSE_DATA_DIR: z.string().min(1).default('.gatehouse'),
  GATEHOUSE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  GATEHOUSE_TLS_CERT_FILE: z.string().min(1).optional(),
  GATEHOUSE_TLS_KEY_FILE: z.string().min(1).optional(),
  REDIS_URL: z.string().min(1).default('redis://127.0.0.1:6379'),
  // A deadline longer than a day is a run that nobody wants any more.
  GATEHOUSE_MFA_DEADLINE_SECONDS: seconds(1800, 86_400),
  GATEHOUSE_MFA_REMINDER_SECONDS: seconds(300, 86_400),
  GATEHOUSE_MFA_EXTEND_SECONDS: seconds(600, 43_200),
  GATEHOUSE_MFA_TRIES: z.coerce.number().int().min(1).max(100).default(5),
  // A device shows 120 codes in an hour; whoever guesses more than those knows none of them.
  GATEHOUSE_MFA_WRONG_CODES_PER_HOUR: z.coerce.number().int().min(1).max(120).default(10),
  GATEHOUSE_PHASE_TIMEOUT_SECONDS: seconds(7200, 86_400),
  GATEHOUSE_LOG_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(64 * 1024 * 1024),
  GATEHOUSE_NOTIFICATION_ALLOW: z.string().default('').transform(listOf).transform(allowListOf),
  GATEHOUSE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  GATEHOUSE_MAX_LAG_MS: z.coerce.number().int().min(0).default(5000),
  // Logs are silent for 15 s, and a long poll for 20 s.
  GATEHOUSE_IDLE_SECONDS: z.coerce.number().int().min(30).max(3600).default(120),
  GATEHOUSE_TRUST_PROXY: z
    .union([z.stringbool(), z.string().transform(listOf).pipe(z.array(network).min(1))])
    .default(false),
  GATEHOUSE_BOOTSTRAP_FILE: z.string().min(1).optional(),
  GATEHOUSE_WEB_DIR: z
    .string()
    .min(1)
    .default(fileURLToPath(new URL('../../web/dist', import.meta.url))),
});

/** Throws `invalid_request` naming the variable. Secrets are taken out of `environment`, so that no child inherits them. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const sealingKey = readSecret(environment, 'GATEHOUSE_SEALING_KEY', 1);
  // 32 characters of base64 are 192 bits: what `openssl rand -base64 24` prints.
  const [workerToken, ...otherWorkerTokens] = readSecrets(environment, 'GATEHOUSE_WORKER_TOKEN', 32);
  const parsed = environmentSchema.safeParse(withoutEmpty(environment));
  if (!parsed.success) {
    const why = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new GatehouseError('invalid_request', `The environment is not usable: ${why}.`);
  }
  const values = parsed.data;
  const tls = tlsFiles(values.GATEHOUSE_TLS_CERT_FILE, values.GATEHOUSE_TLS_KEY_FILE);
  return {
    host: values.GATEHOUSE_HOST,
    port: values.GATEHOUSE_PORT,
    dataDir: path.resolve(values.GATEHOUSE_DATA_DIR),
    tls,
    publicUrl:
      values.GATEHOUSE_PUBLIC_URL?.replace(/\/+$/, '') ??
      localUrl(tls === undefined ? 'http' : 'https', values.GATEHOUSE_HOST, values.GATEHOUSE_PORT),
    redisUrl: values.REDIS_URL,
    sealingKey,
    workerToken,
    otherWorkerTokens,
    mfaDeadlineSeconds: values.GATEHOUSE_MFA_DEADLINE_SECONDS,
    mfaReminderSeconds: values.GATEHOUSE_MFA_REMINDER_SECONDS,
    mfaExtendBeforeSeconds: values.GATEHOUSE_MFA_EXTEND_SECONDS,
    mfaTries: values.GATEHOUSE_MFA_TRIES,
    mfaWrongCodesPerHour: values.GATEHOUSE_MFA_WRONG_CODES_PER_HOUR,
    phaseTimeoutSeconds: values.GATEHOUSE_PHASE_TIMEOUT_SECONDS,
    logLimitBytes: values.GATEHOUSE_LOG_LIMIT_BYTES,
    notificationAllow: values.GATEHOUSE_NOTIFICATION_ALLOW,
    logLevel: values.GATEHOUSE_LOG_LEVEL,
    maxLagMs: values.GATEHOUSE_MAX_LAG_MS,
    idleSeconds: values.GATEHOUSE_IDLE_SECONDS,
    trustProxy: values.GATEHOUSE_TRUST_PROXY,
    bootstrapFile: values.GATEHOUSE_BOOTSTRAP_FILE,
    webDir: path.resolve(values.GATEHOUSE_WEB_DIR),
  };
}

/** For a backup, which needs to know no secret. */
export function readDataDir(environment: Record<string, string | undefined> = process.env): string {
  return path.resolve(environment['GATEHOUSE_DATA_DIR'] || '.gatehouse');
}

/** For a restore: where to, and the key that must fit. */
export function readRestoreConfig(environment: Record<string, string | undefined> = process.env) {
  return { dataDir: readDataDir(environment), sealingKey: readSecret(environment, 'GATEHOUSE_SEALING_KEY', 1) };
}

function tlsFiles(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile === undefined && keyFile === undefined) return undefined;
  const missing = certFile === undefined ? 'GATEHOUSE_TLS_CERT_FILE' : 'GATEHOUSE_TLS_KEY_FILE';
  throw new GatehouseError('invalid_request', `Set ${missing} too: TLS needs a certificate and its key.`);
}

function allowListOf(entries: string[], context: z.RefinementCtx): AllowList {
  try {
    return parseAllowList(entries);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
}

function localUrl(scheme: 'http' | 'https', host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function readSecret(environment: Record<string, string | undefined>, name: string, minLength: number): Secret {
  return asSecret(takeText(environment, name), name, minLength);
}

/** One or more, separated by commas; each must be long enough, so that no stray comma lets an empty one in. */
function readSecrets(
  environment: Record<string, string | undefined>,
  name: string,
  minLength: number,
): [Secret, ...Secret[]] {
  const [first = '', ...others] = takeText(environment, name).split(',');
  const secret = (text: string) => asSecret(text.trim(), name, minLength);
  return [secret(first), ...others.map(secret)];
}

function takeText(environment: Record<string, string | undefined>, name: string): string {
  const file = environment[`${name}_FILE`];
  const value = environment[name] || (file ? readSecretFile(name, file) : '');
  delete environment[name];
  return value;
}

function asSecret(value: string, name: string, minLength: number): Secret {
  if (value.length < minLength) {
    throw new GatehouseError(
      'invalid_request',
      `Set ${name} or ${name}_FILE to at least ${minLength} characters, such as: openssl rand -base64 32`,
    );
  }
  return new Secret(value);
}

function readSecretFile(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new GatehouseError('invalid_request', `${name}_FILE cannot be read: ${file}.`, { cause });
  }
}

/** `NAME=` in a compose file means "not set". */
function withoutEmpty(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}
