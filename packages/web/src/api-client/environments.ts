import { type AcceptedIdentities, acceptedIdentities, mfaLevels } from '@gatehouse/shared/mfa-level';
import * as z from 'zod/mini';
import { readAllPages, type WholeList } from './all-pages.ts';
import { type Api, anything } from './api.ts';
import { attributesDocument, instant, one, resource } from './json-api.ts';

export const credentialDeliveries = ['endpoint', 'environment'] as const;
export type CredentialDelivery = (typeof credentialDeliveries)[number];

const reference = z.object({ id: z.string() });
const workspace = z.extend(
  resource('workspaces', {
    name: z.string(),
    description: z.string(),
    'auto-apply': z.boolean(),
    'terraform-version': z.string(),
    'working-directory': z.string(),
    locked: z.boolean(),
    'lock-reason': z.nullable(z.string()),
    'resource-count': z.int(),
    'updated-at': instant,
    'mfa-level': z.enum(mfaLevels),
    'role-arn': z.nullable(z.string()),
    'plan-session-policy': z.nullable(z.string()),
    'plan-policy-arns': z.nullable(z.array(z.string())),
    'session-duration-seconds': z.nullable(z.int()),
    'role-max-session-seconds': z.nullable(z.int()),
    'accepted-identities': z.enum(acceptedIdentities),
    'aws-credentials-delivery': z.enum(credentialDeliveries),
    'structured-run-output-enabled': z.boolean(),
  }),
  {
    relationships: z.object({
      organization: z.object({ data: reference }),
      // A run that holds the workspace shows there too.
      'locked-by': z.object({ data: z.nullable(z.extend(reference, { type: z.optional(z.string()) })) }),
    }),
  },
);

/** What an owner sets. */
export type EnvironmentSettings = {
  mfaLevel: (typeof mfaLevels)[number];
  autoApply: boolean;
  terraformVersion: string;
  workingDirectory: string;
  roleArn: string | undefined;
  planSessionPolicy: string | undefined;
  /** Managed policies, of which a plan's session has no more than what they allow; undefined: AWS's ReadOnlyAccess. */
  planPolicyArns: readonly string[] | undefined;
  /** undefined: by what earlier runs took. */
  sessionDurationSeconds: number | undefined;
  /** The role's own longest session; undefined: what AWS sets for a new role, one hour. */
  roleMaxSessionSeconds: number | undefined;
  /** Whose keys and device may answer challenges. */
  acceptedIdentities: AcceptedIdentities;
  delivery: CredentialDelivery;
  /** Runs log terraform's JSON lines. */
  structuredOutput: boolean;
  description: string;
};

/** A workspace, as the API calls it. `updatedAt`: milliseconds since 1970. */
export type Environment = EnvironmentSettings & {
  id: string;
  name: string;
  organization: string;
  resourceCount: number;
  updatedAt: number;
  /** Who locked it, by id, and why; undefined: nobody did. */
  lock: { userId: string | undefined; reason: string } | undefined;
};

export async function listEnvironments(
  api: Api,
  organization: string,
  signal?: AbortSignal,
): Promise<WholeList<Environment>> {
  const path = `/organizations/${encodeURIComponent(organization)}/workspaces`;
  const { items, totalCount } = await readAllPages(api, path, workspace, signal);
  return { items: items.map(environmentOf), totalCount };
}

export async function readEnvironment(
  api: Api,
  organization: string,
  name: string,
  signal?: AbortSignal,
): Promise<Environment> {
  const path = `/organizations/${encodeURIComponent(organization)}/workspaces/${encodeURIComponent(name)}`;
  return environmentOf((await api.get(path, one(workspace), signal)).data);
}

export async function createEnvironment(
  api: Api,
  organization: string,
  given: { name: string; description: string; 'mfa-level': EnvironmentSettings['mfaLevel'] },
): Promise<Environment> {
  const path = `/organizations/${encodeURIComponent(organization)}/workspaces`;
  return environmentOf((await api.send('POST', path, attributesDocument('workspaces', given), one(workspace))).data);
}

/** Only what is given is changed. */
export async function changeEnvironment(
  api: Api,
  id: string,
  settings: Partial<EnvironmentSettings>,
): Promise<Environment> {
  const attributes = {
    'mfa-level': settings.mfaLevel,
    'auto-apply': settings.autoApply,
    'terraform-version': settings.terraformVersion,
    'working-directory': settings.workingDirectory,
    'accepted-identities': settings.acceptedIdentities,
    'aws-credentials-delivery': settings.delivery,
    'structured-run-output-enabled': settings.structuredOutput,
    description: settings.description,
    // JSON leaves out what is undefined; "none" is null.
    ...('roleArn' in settings ? { 'role-arn': settings.roleArn ?? null } : {}),
    ...('planSessionPolicy' in settings ? { 'plan-session-policy': settings.planSessionPolicy ?? null } : {}),
    ...('planPolicyArns' in settings ? { 'plan-policy-arns': sentArns(settings.planPolicyArns) } : {}),
    ...('sessionDurationSeconds' in settings
      ? { 'session-duration-seconds': settings.sessionDurationSeconds ?? null }
      : {}),
    ...('roleMaxSessionSeconds' in settings
      ? { 'role-max-session-seconds': settings.roleMaxSessionSeconds ?? null }
      : {}),
  };
  const document = attributesDocument('workspaces', attributes);
  return environmentOf((await api.send('PATCH', `/workspaces/${id}`, document, one(workspace))).data);
}

export async function lockEnvironment(api: Api, id: string, reason: string): Promise<Environment> {
  const { data } = await api.send('POST', `/workspaces/${id}/actions/lock`, { reason }, one(workspace));
  return environmentOf(data);
}

/** `force` takes away what somebody else set; owners only. */
export async function unlockEnvironment(api: Api, id: string, { force }: { force: boolean }): Promise<Environment> {
  const action = force ? 'force-unlock' : 'unlock';
  const { data } = await api.send('POST', `/workspaces/${id}/actions/${action}`, undefined, one(workspace));
  return environmentOf(data);
}

/** `confirmName`: what the person typed; the server compares it too. */
export async function deleteEnvironment(api: Api, id: string, confirmName: string): Promise<void> {
  await api.send('DELETE', `/workspaces/${id}?confirm-name=${encodeURIComponent(confirmName)}`, undefined, anything);
}

/** What of an environment an owner sets: what the form begins with. */
export function settingsOf(environment: Environment): EnvironmentSettings {
  const { id, name, organization, resourceCount, updatedAt, lock, ...settings } = environment;
  return settings;
}

/** As typed, one a line. A list of blank lines only is the narrow default, not "no policy at all". */
function sentArns(arns: readonly string[] | undefined): readonly string[] | null {
  if (arns === undefined || arns.length === 0) return arns ?? null;
  const named = arns.map((arn) => arn.trim()).filter((arn) => arn !== '');
  return named.length === 0 ? null : named;
}

function environmentOf({ id, attributes, relationships }: z.output<typeof workspace>): Environment {
  return {
    id,
    name: attributes.name,
    organization: relationships.organization.data.id,
    description: attributes.description,
    mfaLevel: attributes['mfa-level'],
    autoApply: attributes['auto-apply'],
    terraformVersion: attributes['terraform-version'],
    workingDirectory: attributes['working-directory'],
    roleArn: attributes['role-arn'] ?? undefined,
    planSessionPolicy: attributes['plan-session-policy'] ?? undefined,
    planPolicyArns: attributes['plan-policy-arns'] ?? undefined,
    sessionDurationSeconds: attributes['session-duration-seconds'] ?? undefined,
    roleMaxSessionSeconds: attributes['role-max-session-seconds'] ?? undefined,
    acceptedIdentities: attributes['accepted-identities'],
    delivery: attributes['aws-credentials-delivery'],
    structuredOutput: attributes['structured-run-output-enabled'],
    resourceCount: attributes['resource-count'],
    updatedAt: attributes['updated-at'],
    lock:
      attributes.locked && relationships['locked-by'].data?.type !== 'runs'
        ? { userId: relationships['locked-by'].data?.id, reason: attributes['lock-reason'] ?? '' }
        : undefined,
  };
}
