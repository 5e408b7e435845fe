import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';

// The only reader of process.env in this package.

const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
const list = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''));

const forwardList = list.pipe(
  z.array(
    z
      .string()
      .regex(/^[a-z0-9-]{1,32}=[^=\s]+:\d{1,5}$/, 'wants entries such as sts=127.0.0.1:4599')
      .transform(toForward),
  ),
);

/** Whole files are verified: plain http will do. A password in it would be told in logs. */
const releasesUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || new URL(url).username === '', 'takes no user or password')
  .transform((url) => url.replace(/\/+$/, ''))
  .optional();

const schema = z.object({
  /** `redis://…`, `rediss://…` or `unix:///path`. */
  REDIS_URL: z.string().min(1),
  /** Base URL of the api, without `/api/...`. */
  GATEHOUSE_API_URL: z.url({ protocol: /^https?$/ }),
  /** Folder of the runs' working trees, the worker's own; made when missing. Default `.gatehouse-worker` in the current folder. */
  GATEHOUSE_WORK_DIR: z.string().min(1).default('.gatehouse-worker'),
  /** Phases at the same time. Default 2. */
  GATEHOUSE_CONCURRENCY: z.coerce.number().int().min(1).max(256).default(2),
  /** Name in logs and on the dashboard. Default: the host's name. */
  GATEHOUSE_WORKER_NAME: z.string().min(1).max(200).default(hostname()),
  /** `none` runs terraform without any sandbox and is said loudly everywhere. Default `bubblewrap`. */
  GATEHOUSE_SANDBOX: z.enum(['bubblewrap', 'none']).default('bubblewrap'),
  /** `uid` or `uid:gid` that the sandbox drops to; needed, and only used, when the worker runs as root. Default 31000. */
  GATEHOUSE_SANDBOX_UID: z
    .string()
    .regex(/^[1-9]\d*(:[1-9]\d*)?$/, 'is uid or uid:gid, and not root')
    .default('31000'),
  /** Services that runs may reach on their own loopback: `name=host:port`, separated by commas. The port is kept. Default none. */
  GATEHOUSE_SANDBOX_FORWARDS: forwardList,
  /** Destinations that are allowed although not public: `host:port` or CIDR, separated by commas. Default none. */
  GATEHOUSE_EGRESS_ALLOW: list,
  /** Folder laid out as terraform's filesystem mirror, read-only in every run. Default none. */
  GATEHOUSE_PROVIDER_MIRROR: z.string().min(1).optional(),
  /** Whether providers outside the mirror may be installed from their registry. Default true. */
  GATEHOUSE_PROVIDER_DIRECT: z.stringbool().default(true),
  /** Another STS than AWS's, such as the emulator. Default: AWS. */
  GATEHOUSE_STS_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Region whose STS is asked. Default us-east-1. */
  AWS_REGION: z.string().min(1).default('us-east-1'),
  /** Folder of versions, `<version>/terraform` and `<version>/tofu`. Default none: those on PATH. */
  GATEHOUSE_TERRAFORM_DIR: z.string().min(1).optional(),
  /** Server laid out as releases.hashicorp.com, from which versions are fetched. Default none: nothing is downloaded. */
  GATEHOUSE_TERRAFORM_RELEASES_URL: releasesUrl,
  /** Server laid out as OpenTofu's GitHub releases (`…/releases/download`). Default none: nothing is downloaded. */
  GATEHOUSE_TOFU_RELEASES_URL: releasesUrl,
  /** The list of OpenTofu's versions, as get.opentofu.org/tofu/api.json. Default none: only exact versions are fetched. */
  GATEHOUSE_TOFU_INDEX_URL: releasesUrl,
  /** Armored public keys of who signs releases; required with a releases URL. */
  GATEHOUSE_RELEASE_KEYS_FILE: z.string().min(1).optional(),
  /** Where fetched versions are kept; workers of one host may share it. Default `releases` in the work folder. */
  GATEHOUSE_RELEASE_CACHE_DIR: z.string().min(1).optional(),
  /** Fetched versions of each engine that stay although nobody uses them. Default 10. */
  GATEHOUSE_RELEASE_CACHE_VERSIONS: z.coerce.number().int().min(1).default(10),
  /** Where `terraform` and `tofu` are looked for. */
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  /** Seconds from SIGTERM until running phases are interrupted. Default 600. */
  GATEHOUSE_DRAIN_SECONDS: seconds(600),
  /** Seconds from an interrupt until terraform is killed; AWS waiters may be slow. Default 300. */
  GATEHOUSE_CANCEL_GRACE_SECONDS: seconds(300),
  /** Seconds before the end of the session at which terraform is interrupted, to save what it has. Default 120. */
  GATEHOUSE_SESSION_MARGIN_SECONDS: seconds(120),
  /** Seconds that a finished apply waits for an api that is away before its state is left on the disk. Default 900. */
  GATEHOUSE_STATE_HOLD_SECONDS: seconds(900),
  GATEHOUSE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type Forward = { name: string; listenPort: number; target: { host: string; port: number } };

export type ReleaseSettings = {
  servers: { terraform: string | undefined; tofu: string | undefined };
  tofuIndex: string | undefined;
  keysFile: string;
  cache: { folder: string; keep: number };
};

export type Config = {
  redisUrl: string;
  apiUrl: string;
  workerToken: Secret;
  sealingKey: Secret;
  name: string;
  concurrency: number;
  workDir: string;
  sandbox: {
    mode: 'bubblewrap' | 'none';
    identity: { uid: number; gid: number };
    forwards: readonly Forward[];
    egressAllow: readonly string[];
    providerMirror: string | undefined;
    allowDirectProviders: boolean;
  };
  sts: { endpoint: string | undefined; region: string };
  terraform: { versionsDir: string | undefined; searchPath: string };
  /** undefined: nothing is downloaded. */
  releases: ReleaseSettings | undefined;
  drainMs: number;
  cancelGraceMs: number;
  sessionMarginMs: number;
  stateHoldMs: number;
  logLevel: string;
};

/**
 * Reads the worker's settings and takes its two secrets out of `environment`, so that no child can inherit them.
 * Throws `invalid_request` that names every variable that is wrong, never a value.
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const workerToken = takeSecret(environment, 'GATEHOUSE_WORKER_TOKEN');
  const sealingKey = takeSecret(environment, 'GATEHOUSE_SEALING_KEY');
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    const complaints = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new GatehouseError('invalid_request', `The worker's settings are wrong. ${complaints.join('; ')}`);
  }
  const values = parsed.data;
  const [uid = 0, gid = uid] = values.GATEHOUSE_SANDBOX_UID.split(':').map(Number);
  return {
    redisUrl: values.REDIS_URL,
    apiUrl: values.GATEHOUSE_API_URL.replace(/\/+$/, ''),
    workerToken,
    sealingKey,
    name: values.GATEHOUSE_WORKER_NAME,
    concurrency: values.GATEHOUSE_CONCURRENCY,
    workDir: path.resolve(values.GATEHOUSE_WORK_DIR),
    sandbox: {
      mode: values.GATEHOUSE_SANDBOX,
      identity: { uid, gid },
      forwards: values.GATEHOUSE_SANDBOX_FORWARDS,
      egressAllow: values.GATEHOUSE_EGRESS_ALLOW,
      providerMirror: values.GATEHOUSE_PROVIDER_MIRROR,
      allowDirectProviders: values.GATEHOUSE_PROVIDER_DIRECT,
    },
    sts: { endpoint: values.GATEHOUSE_STS_ENDPOINT, region: values.AWS_REGION },
    terraform: { versionsDir: values.GATEHOUSE_TERRAFORM_DIR, searchPath: values.PATH },
    releases: releaseSettings(values),
    drainMs: values.GATEHOUSE_DRAIN_SECONDS * 1000,
    cancelGraceMs: values.GATEHOUSE_CANCEL_GRACE_SECONDS * 1000,
    sessionMarginMs: values.GATEHOUSE_SESSION_MARGIN_SECONDS * 1000,
    stateHoldMs: values.GATEHOUSE_STATE_HOLD_SECONDS * 1000,
    logLevel: values.GATEHOUSE_LOG_LEVEL,
  };
}

/** Without the keys nothing could be verified, and so nothing is fetched. */
function releaseSettings(values: z.output<typeof schema>): ReleaseSettings | undefined {
  const servers = { terraform: values.GATEHOUSE_TERRAFORM_RELEASES_URL, tofu: values.GATEHOUSE_TOFU_RELEASES_URL };
  if (servers.terraform === undefined && servers.tofu === undefined) return undefined;
  const keysFile = values.GATEHOUSE_RELEASE_KEYS_FILE;
  if (keysFile === undefined) {
    throw new GatehouseError(
      'invalid_request',
      "The worker's settings are wrong. GATEHOUSE_RELEASE_KEYS_FILE is missing: releases are fetched only where their signatures can be verified.",
    );
  }
  const folder = path.resolve(values.GATEHOUSE_RELEASE_CACHE_DIR ?? path.join(values.GATEHOUSE_WORK_DIR, 'releases'));
  const cache = { folder, keep: values.GATEHOUSE_RELEASE_CACHE_VERSIONS };
  return { servers, tofuIndex: values.GATEHOUSE_TOFU_INDEX_URL, keysFile, cache };
}

/** `NAME`, or the first line of the file that `NAME_FILE` names (a mounted secret). */
function takeSecret(environment: Record<string, string | undefined>, name: string): Secret {
  const value = environment[name] ?? secretFromFile(environment[`${name}_FILE`], name);
  delete environment[name];
  if (value === undefined || value === '') {
    throw new GatehouseError(
      'invalid_request',
      `The worker's settings are wrong. ${name} (or ${name}_FILE) is missing.`,
    );
  }
  return new Secret(value);
}

function secretFromFile(file: string | undefined, name: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').split('\n')[0]?.trim();
  } catch (cause) {
    throw new GatehouseError('invalid_request', `${name}_FILE names ${file}, which cannot be read.`, { cause });
  }
}

function toForward(entry: string): Forward {
  const [name = '', address = ''] = entry.split('=');
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  // The port stays the same inside, so that one URL names the service on both sides.
  return { name, listenPort: port, target: { host: address.slice(0, colon), port } };
}
