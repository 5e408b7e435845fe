import type { ApiClient } from '@gatehouse/dev/api-client';
import { newMember } from '@gatehouse/dev/new-member';

/** One person may have as many logs open. */
const logsOfPerson = 100;

/** A token for each of so many readers, of as many people as that takes. */
export async function readerTokens(api: ApiClient, organization: string, readers: number): Promise<string[]> {
  const people = [api.token];
  for (let person = 1; person < readers / logsOfPerson; person++) {
    people.push((await newMember(api, organization, `reader-${person}`)).token);
  }
  return Array.from({ length: readers }, (_, reader) => people[Math.floor(reader / logsOfPerson)] ?? '');
}
