import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { awsVariables } from '@gatehouse/shared/mfa-level';
import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { holdingVariables } from '@gatehouse/shared/variable-precedence';
import { type AwsIdentity, sealedContexts } from '@gatehouse/shared/worker-api';
import type { KeysAsSet } from '../domain/aws-check.ts';
import { looksLikeMfaSerial } from '../domain/challenge.ts';
import type { Database } from '../store/database.ts';
import { type PlacedVariable, placedVariables } from '../store/effective-variables.ts';

/** The long-lived AWS keys of a workspace as they are set now, and the MFA device that belongs to them. */
export type AwsKeys = {
  accessKeyId: string;
  secretAccessKey: Secret;
  sessionToken: Secret | undefined;
};

export type Vault = { database: Database; sealer: Pick<Sealer, 'unsealText'> };
export type Place = { organization: string; workspaceId: string };

const names = { ...awsVariables, sessionToken: 'AWS_SESSION_TOKEN' } as const;

/** The keys, for a session without a code; undefined when none are set. */
export async function readAwsKeys(vault: Vault, place: Place): Promise<AwsKeys | undefined> {
  return keysOf(await readValues(vault, place));
}

/**
 * The keys and the device, for a session with a code. Throws `aws_variable_missing`, which names what is missing (M2),
 * and tells a serial number that no device of AWS can have. `placed`: the variables of the place, where they are read
 * already.
 */
export async function requireMfaIdentity(
  vault: Vault,
  place: Place,
  placed?: readonly PlacedVariable[],
): Promise<AwsKeys & { mfaSerial: string }> {
  const values = await readValues(vault, place, placed);
  const missing = Object.values(awsVariables).filter((name) => !values.get(name));
  const keys = keysOf(values);
  const mfaSerial = values.get(awsVariables.mfaSerial);
  if (keys === undefined || mfaSerial === undefined || missing.length > 0) {
    throw new GatehouseError(
      'aws_variable_missing',
      `MFA needs the environment variable${missing.length > 1 ? 's' : ''} ${missing.join(', ')}. An owner of ` +
        `${place.organization} sets them for the organization, in a variable set, or for this workspace alone.`,
    );
  }
  if (!looksLikeMfaSerial(mfaSerial)) {
    throw new GatehouseError(
      'aws_variable_missing',
      `${awsVariables.mfaSerial} is set, but is no MFA device: it looks like ` +
        'arn:aws:iam::123456789012:mfa/name, or is the serial number of a hardware device.',
    );
  }
  return { ...keys, mfaSerial };
}

/** The keys as they are set, whole or not, for a check that tells what is wrong with them. */
export async function readKeysAsSet(vault: Vault, place: Place): Promise<KeysAsSet & { keys: AwsKeys | undefined }> {
  const values = await readValues(vault, place);
  return {
    missing: Object.values(awsVariables).filter((name) => !values.get(name)),
    accessKeyId: values.get(names.accessKeyId) || undefined,
    mfaSerial: values.get(names.mfaSerial) || undefined,
    hasSessionToken: Boolean(values.get(names.sessionToken)),
    keys: keysOf(values),
  };
}

/** The keys as a worker gets them, sealed for one claim or challenge. */
export function sealAwsKeys(sealer: Pick<Sealer, 'seal'>, keys: AwsKeys, claimedId: string): Promise<string> {
  const identity: AwsIdentity = {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey.reveal(),
    ...(keys.sessionToken ? { sessionToken: keys.sessionToken.reveal() } : {}),
  };
  return sealer.seal(JSON.stringify(identity), sealedContexts.awsIdentity(claimedId));
}

async function readValues(
  { database, sealer }: Vault,
  place: Place,
  placed: readonly PlacedVariable[] = placedVariables(database, place),
): Promise<Map<string, string>> {
  const wanted: readonly string[] = Object.values(names);
  const rows = holdingVariables(placed).filter((row) => row.category === 'env' && wanted.includes(row.key));
  const opened = rows.map(async ({ id, key, sealedValue }) => {
    const value = await sealer.unsealText(sealedValue, `variable/${id}`);
    return [key, value.trim()] as const;
  });
  return new Map(await Promise.all(opened));
}

function keysOf(values: Map<string, string>): AwsKeys | undefined {
  const accessKeyId = values.get(names.accessKeyId);
  const secretAccessKey = values.get(names.secretAccessKey);
  const sessionToken = values.get(names.sessionToken);
  if (!accessKeyId || !secretAccessKey) return undefined;
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken ? new Secret(sessionToken) : undefined,
  };
}
