import type { Actor } from '../domain/actor.ts';
import { organizationSerial } from '../domain/awaited-device.ts';
import { identitiesOfUser } from '../store/aws-identities.ts';
import type { Challenge } from '../store/challenges.ts';
import type { Database } from '../store/database.ts';
import type { Run } from '../store/runs.ts';
import { type LastSpent, lastSpentCodes } from '../store/spent-codes.ts';
import type { DeviceOwner } from './answering-identity.ts';

/** Who looks at challenges: by organization, the serial number of her own device there, and of each the code spent last. */
export type DeviceHolder = {
  serials: ReadonlyMap<string, string>;
  spentCodes: ReadonlyMap<string, LastSpent>;
};

/** Read once for all that is shown to somebody. */
export function deviceHolderOf(database: Database, actor: Pick<Actor, 'userId'>): DeviceHolder {
  const identities = identitiesOfUser(database, actor.userId);
  return {
    serials: new Map(identities.map(({ organization, mfaSerial }) => [organization, mfaSerial])),
    spentCodes: lastSpentCodes(
      database,
      identities.map(({ mfaSerial }) => mfaSerial),
    ),
  };
}

/** The devices with which she may answer a challenge of the run, her default first; see `requireAnsweringIdentity`. */
export function answeringDevices(
  run: Run,
  challenge: Challenge,
  holder: DeviceHolder,
): { owner: DeviceOwner; mfaSerial: string }[] {
  const own = run.acceptedIdentities === 'organization' ? undefined : holder.serials.get(run.organization);
  const shared = organizationSerial(run, challenge);
  return [
    ...(own === undefined ? [] : [{ owner: 'own' as const, mfaSerial: own }]),
    ...(shared === '' ? [] : [{ owner: 'organization' as const, mfaSerial: shared }]),
  ];
}
