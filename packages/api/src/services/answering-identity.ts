import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { AcceptedIdentities } from '@gatehouse/shared/mfa-level';
import { type Actor, isPerson } from '../domain/actor.ts';
import {
  type AwsIdentity,
  findAwsIdentity,
  findIdentityOf,
  identitiesOfOrganization,
} from '../store/aws-identities.ts';
import type { Challenge } from '../store/challenges.ts';
import type { PlacedVariable } from '../store/effective-variables.ts';
import type { Run } from '../store/runs.ts';
import { type AwsKeys, requireMfaIdentity, type Vault } from './aws-variables.ts';
import { openIdentity } from './own-identity.ts';

export const deviceOwners = ['own', 'organization'] as const;
export type DeviceOwner = (typeof deviceOwners)[number];

/** The keys and the device with which a code is exchanged. `awsIdentityId` null: the organization's. */
export type AnsweringIdentity = AwsKeys & { mfaSerial: string; awsIdentityId: string | null };

/**
 * Whose keys a code of this person is exchanged with: those of her own device where the run accepts it and she has one,
 * else the organization's; or of the one that she names. Throws `aws_identity_missing`, `invalid_request`, and
 * `aws_variable_missing`, each with what to do.
 */
export async function requireAnsweringIdentity(
  vault: Vault,
  { run, by, device }: { run: Run; by: Actor; device?: DeviceOwner | undefined },
): Promise<AnsweringIdentity> {
  const { organization, acceptedIdentities: accepted } = run;
  const own =
    accepted === 'organization' ? undefined : findIdentityOf(vault.database, { organization, userId: by.userId });
  const owner = device ?? (own !== undefined || accepted === 'members' ? 'own' : 'organization');
  if (owner === 'organization') {
    if (accepted === 'members') throw organizationRefused(run);
    return { ...(await requireOrganizationIdentity(vault, run)), awsIdentityId: null };
  }
  if (accepted === 'organization') throw ownRefused(run);
  if (own === undefined) throw noneRegistered(run, by);
  return { ...(await openIdentity(vault, own)), mfaSerial: own.mfaSerial, awsIdentityId: own.id };
}

type Accepting = { organization: string; id: string; acceptedIdentities: AcceptedIdentities };

/**
 * Of a workspace whose run will ask for a code: that there is somebody's device that could answer it (M2). The serial
 * number of the organization's, null where only members can. Throws `aws_variable_missing`, which says what to do.
 * `placed`: the variables of the workspace.
 */
export async function requireSomeDevice(
  vault: Vault,
  workspace: Accepting,
  placed: readonly PlacedVariable[],
): Promise<string | null> {
  const { organization, id: workspaceId, acceptedIdentities: accepted } = workspace;
  const hasOwn = () => identitiesOfOrganization(vault.database, organization).length > 0;
  if (accepted === 'members') {
    if (hasOwn()) return null;
    throw new GatehouseError(
      'aws_variable_missing',
      `This workspace accepts codes of members' own MFA devices only, and no member of ${organization} has registered ` +
        "one. Register yours on your account page, or ask an owner to let the workspace accept the organization's.",
    );
  }
  try {
    return (await requireMfaIdentity(vault, { organization, workspaceId }, placed)).mfaSerial;
  } catch (error) {
    if (accepted === 'organization' || !isGatehouseError(error, 'aws_variable_missing')) throw error;
    if (hasOwn()) return null;
    throw new GatehouseError('aws_variable_missing', orYourOwn(error.message));
  }
}

/**
 * The keys of the device that showed the code which is in exchange, as they are now: keys that were replaced meanwhile
 * are the ones that work. Undefined when its owner has removed them, or has another device by now.
 */
export async function identityInExchange(
  vault: Vault,
  run: Run,
  challenge: Challenge,
): Promise<AnsweringIdentity | undefined> {
  const { awsIdentityId } = challenge;
  // The serial number is that of the moment when the code was submitted, for which it was meant.
  const { mfaSerial } = challenge;
  if (awsIdentityId === null) return { ...(await requireMfaIdentity(vault, run)), mfaSerial, awsIdentityId };
  const identity = findAwsIdentity(vault.database, awsIdentityId);
  if (identity === undefined || !isOfChallenge(identity, challenge)) return undefined;
  return { ...(await openIdentity(vault, identity)), mfaSerial, awsIdentityId };
}

/** The identity that a challenge was answered with, as long as it has the same device. */
export function isOfChallenge(
  identity: Pick<AwsIdentity, 'userId' | 'mfaSerial'>,
  challenge: Pick<Challenge, 'submittedBy' | 'mfaSerial'>,
): boolean {
  return identity.userId === challenge.submittedBy && identity.mfaSerial === challenge.mfaSerial;
}

/** Where members' own are accepted as well, a missing variable can be answered with those. */
async function requireOrganizationIdentity(vault: Vault, run: Run): Promise<AwsKeys & { mfaSerial: string }> {
  try {
    return await requireMfaIdentity(vault, run);
  } catch (error) {
    if (run.acceptedIdentities === 'organization' || !isGatehouseError(error, 'aws_variable_missing')) throw error;
    throw new GatehouseError('aws_variable_missing', orYourOwn(error.message));
  }
}

function orYourOwn(message: string): string {
  return `${message} Or register AWS keys and an MFA device of your own on your account page.`;
}

function organizationRefused(run: Run): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `Run ${run.id} accepts codes of members' own MFA devices only. Leave \`device\` out, or say "own".`,
    { pointer: '/device' },
  );
}

function ownRefused(run: Run): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `Run ${run.id} accepts codes of the MFA device of ${run.organization} only. An owner says in the settings of its ` +
      "workspace whether later runs accept members' own.",
    { pointer: '/device' },
  );
}

function noneRegistered(run: Run, by: Actor): GatehouseError {
  const who = isPerson(by)
    ? 'You have registered none: do that on your account page'
    : 'A token of a team has none: a person with a registered device gives the code';
  const instead =
    run.acceptedIdentities === 'members'
      ? "An owner can let the workspace's later runs accept the organization's device."
      : "Or give a code of the organization's device.";
  return new GatehouseError(
    'aws_identity_missing',
    `Your own AWS keys and MFA device for ${run.organization} are needed to answer run ${run.id}. ${who}. ${instead}`,
  );
}
