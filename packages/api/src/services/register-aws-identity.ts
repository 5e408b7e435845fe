import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { accountOf } from '../domain/aws-names.ts';
import { looksLikeMfaSerial } from '../domain/challenge.ts';
import { type AwsIdentity, findIdentityOf, putAwsIdentity } from '../store/aws-identities.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { findMembership } from '../store/memberships.ts';
import { requireMember, requirePerson } from './authorize.ts';
import type { CandidateIdentity } from './check-identity.ts';
import { identitySecretContext } from './own-identity.ts';

/** Has AWS asked who the keys are and whether the device is theirs, without changing anything there; see `checkIdentity`. */
export type IdentityCheck = (candidate: {
  organization: string;
  requestedBy: string;
  identity: CandidateIdentity;
  mfaSerial: string;
}) => Promise<{ arn: string }>;

type Dependencies = { database: Database; clock: Clock; sealer: Pick<Sealer, 'seal'>; check: IdentityCheck };

/**
 * Keeps a member's own keys and device for one organization, once AWS has said that they are right; what she had there
 * before is replaced. Throws `aws_identity_refused` and `aws_check_unanswered`, and then has kept nothing.
 */
export async function registerAwsIdentity(
  { database, clock, sealer, check }: Dependencies,
  actor: Actor,
  input: { organization: string; accessKeyId: string; secretAccessKey: Secret; mfaSerial: string },
): Promise<AwsIdentity> {
  const { organization, accessKeyId, secretAccessKey, mfaSerial } = input;
  requirePerson(actor);
  await requireMember(database, actor, organization);
  if (!looksLikeMfaSerial(mfaSerial)) throw refuseSerial('It is no MFA device of AWS.');
  const identity = { accessKeyId, secretAccessKey };
  const { arn } = await check({ organization, requestedBy: actor.userId, identity, mfaSerial });
  refuseForeignDevice(mfaSerial, arn);
  const now = clock.now();
  // Sealed for its row, whose id a replacement keeps: read here, and again below.
  const id =
    findIdentityOf(database, { organization, userId: actor.userId })?.id ?? newId('awsIdentity', now.getTime());
  const sealedSecretAccessKey = await sealer.seal(secretAccessKey, identitySecretContext(id));
  return inTransaction(database, (transaction) => {
    // AWS was asked for seconds, in which she may have left or registered elsewhere.
    if (findMembership(transaction, organization, actor.userId) === undefined) throw leftMeanwhile(organization);
    const before = findIdentityOf(transaction, { organization, userId: actor.userId });
    if (before !== undefined && before.id !== id) throw changedMeanwhile();
    const kept: AwsIdentity = {
      id,
      organization,
      userId: actor.userId,
      accessKeyId,
      sealedSecretAccessKey,
      mfaSerial,
      arn,
      createdAt: before?.createdAt ?? now,
      checkedAt: now,
    };
    putAwsIdentity(transaction, actor, before, kept);
    return kept;
  });
}

/** A virtual device bears the number of its account; that of another one cannot belong to the keys. */
function refuseForeignDevice(mfaSerial: string, arn: string): void {
  const [ofDevice, ofKeys] = [accountOf(mfaSerial), accountOf(arn)];
  if (ofDevice === undefined || ofDevice === ofKeys) return;
  throw new GatehouseError(
    'aws_identity_refused',
    `The MFA device is of the AWS account ${ofDevice}, and the keys are of ${ofKeys ?? 'another'} (${arn}). ` +
      'Give keys and device of the same IAM user. Nothing was kept.',
    { pointer: '/data/attributes/mfa-serial-number' },
  );
}

function refuseSerial(why: string): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `${why} It looks like arn:aws:iam::123456789012:mfa/name, or is the serial number of a hardware device.`,
    { pointer: '/data/attributes/mfa-serial-number' },
  );
}

function leftMeanwhile(organization: string): GatehouseError {
  return new GatehouseError(
    'not_found',
    `There is no organization "${organization}" that you are a member of any more.`,
  );
}

function changedMeanwhile(): GatehouseError {
  return new GatehouseError(
    'conflict',
    'Your AWS identity was registered elsewhere just now. Look at it, and try again.',
  );
}
