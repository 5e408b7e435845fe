// The one file of the sandbox that turns secrets into bytes: for the command's environment and for the credential
// endpoint, both read only from inside the run.
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';

/** An AWS session as a run may see it. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: Secret;
  sessionToken: Secret | undefined;
  expiresAt: Date | undefined;
}

export type EnvironmentVariables = Readonly<Record<string, string | Secret>>;

/** The kernel's limit of one `NAME=value` (MAX_ARG_STRLEN, 32 pages), its closing NUL included. */
const maxEntryBytes = 131_072;

/** How long SDKs are told to keep credentials that do not expire by themselves. */
const askAgainAfterMs = 60 * 60_000;

/** What every command gets and no variable of a user may replace. */
export interface FixedEnvironment {
  path: string;
  home: string;
  temporary: string;
  cliConfigFile: string;
  /** undefined: the command is told no way out. */
  proxyUrl: string | undefined;
  credentials: { url: string; token: Secret } | undefined;
}

export function fixedEnvironment(fixed: FixedEnvironment): Record<string, string | Secret> {
  return {
    PATH: fixed.path,
    HOME: fixed.home,
    TMPDIR: fixed.temporary,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: fixed.cliConfigFile,
    // There is no route to it; without this the SDKs would wait for it in vain.
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(fixed.proxyUrl === undefined ? {} : proxyVariables(fixed.proxyUrl)),
    ...(fixed.credentials === undefined
      ? {}
      : {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: fixed.credentials.url,
          AWS_CONTAINER_AUTHORIZATION_TOKEN: fixed.credentials.token,
        }),
  };
}

function proxyVariables(url: string): Record<string, string> {
  const loopback = '127.0.0.1,localhost';
  // Both spellings are in use: curl reads http_proxy in small letters only.
  return {
    HTTPS_PROXY: url,
    https_proxy: url,
    HTTP_PROXY: url,
    http_proxy: url,
    NO_PROXY: loopback,
    no_proxy: loopback,
  };
}

/**
 * The command's whole environment in clear: the given variables over a default locale, the fixed ones over both. Throws
 * `invalid_request` that names the variable when its name or value cannot be one; the value is never told.
 */
export function commandEnvironment(
  variables: EnvironmentVariables,
  fixed: EnvironmentVariables,
): Record<string, string> {
  const environment: Record<string, string> = {};
  const merged: EnvironmentVariables = { LANG: 'C.UTF-8', ...variables, ...fixed };
  for (const [name, value] of Object.entries(merged)) {
    const clear = value instanceof Secret ? value.reveal() : value;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new GatehouseError('invalid_request', `"${name}" cannot be the name of an environment variable`);
    }
    if (clear.includes('\0')) {
      throw new GatehouseError('invalid_request', `The environment variable ${name} holds a NUL byte`);
    }
    if (Buffer.byteLength(clear) + name.length + 2 > maxEntryBytes) {
      throw new GatehouseError('invalid_request', `The environment variable ${name} is longer than 128 KiB`);
    }
    environment[name] = clear;
  }
  return environment;
}

/**
 * The answer of the AWS container-credentials contract. Some SDKs (JavaScript, Python) demand `Token` and `Expiration`
 * even of keys that have none: the token is then empty and the expiry says only when to ask again.
 */
export function containerCredentials(session: SessionCredentials, now: Date): Record<string, string> {
  const expiresAt = session.expiresAt ?? new Date(now.getTime() + askAgainAfterMs);
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey.reveal(),
    Token: session.sessionToken?.reveal() ?? '',
    Expiration: expiresAt.toISOString().replace(/\.\d{3}Z$/, 'Z'),
  };
}
