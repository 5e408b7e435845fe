import { withheldVariables } from '@gatehouse/shared/mfa-level';
import { Secret } from '@gatehouse/shared/secret';
import type { EnvironmentVariables } from '../sandbox/environment.ts';
import { need, type PhaseContext, type PhaseSettings } from './phase.ts';

/**
 * Variables that would take terraform out of Gatehouse's hands (where its state, its data and its configuration are) or
 * change every program of the run. The api refuses them when they are set; this is the second lock. The rest of what a
 * run may not change, PATH and the proxy among it, the sandbox itself keeps.
 */
const refused: readonly RegExp[] = [
  /^LD_/,
  /^TF_CLI_/,
  // ENCRYPTION: OpenTofu's, of a state that Gatehouse could then not read.
  /^TF_(WORKSPACE|DATA_DIR|STATE|REATTACH_PROVIDERS|FORCE_LOCAL_BACKEND|ENCRYPTION)/,
  /^(BASH_ENV|ENV|NODE_OPTIONS)$/,
  /^AWS_CONTAINER_/,
  /^GATEHOUSE_/,
];

export function isRefusedVariable(name: string): boolean {
  return withheldVariables.includes(name) || refused.some((pattern) => pattern.test(name));
}

/** The environment of one terraform command: the workspace's own variables below what Gatehouse sets. */
export async function runEnvironment(phase: PhaseContext): Promise<EnvironmentVariables> {
  const { claim, settings } = phase;
  const own = need(phase, 'variables')
    .filter(({ category, key }) => category === 'env' && !isRefusedVariable(key))
    .map(({ key, value, sensitive }) => [key, sensitive ? new Secret(value) : value] as const);
  const sts = stsForRuns(settings);
  return {
    ...(sts === undefined ? {} : { AWS_ENDPOINT_URL_STS: sts }),
    ...Object.fromEntries(own),
    ...(claim.awsDelivery === 'environment' ? await sessionVariables(phase) : {}),
    TF_WORKSPACE: claim.workspace.name,
  };
}

/** For tools that know no credential endpoint; readable by everything in the run, and without an expiry. */
async function sessionVariables(phase: PhaseContext): Promise<EnvironmentVariables> {
  const session = await phase.made.session?.current();
  if (session === undefined) return {};
  return {
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    ...(session.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: session.sessionToken }),
  };
}

/**
 * Another STS is told to runs only where they can reach it: by a forward that leads to its very address (the port is
 * the same inside), or on an address that the proxy may dial. On the host's loopback without a forward they cannot.
 */
export function stsForRuns(settings: Pick<PhaseSettings, 'sts' | 'sandbox'>): string | undefined {
  const { endpoint } = settings.sts;
  if (endpoint === undefined) return undefined;
  const url = new URL(endpoint);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const isLoopback = /^(localhost|127\..*|\[::1\])$/.test(url.hostname);
  if (!isLoopback || settings.sandbox.mode === 'none') return endpoint;
  const forwards = settings.sandbox.forwards ?? [];
  return forwards.some(({ target, listenPort }) => 'port' in target && target.port === port && listenPort === port)
    ? endpoint
    : undefined;
}
