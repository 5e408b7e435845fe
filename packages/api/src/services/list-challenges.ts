import type { Actor } from '../domain/actor.ts';
import { listOpenChallenges } from '../store/challenges.ts';
import type { Database } from '../store/database.ts';
import { requireMember } from './authorize.ts';

/** What waits for a code in an organization, the nearest deadline first. */
export async function listChallenges(
  { database }: { database: Database },
  input: { organization: string; by: Actor },
): Promise<ReturnType<typeof listOpenChallenges>> {
  await requireMember(database, input.by, input.organization);
  return listOpenChallenges(database, input.organization);
}
