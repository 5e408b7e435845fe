import type { Organization } from '../../api-client/organizations.ts';

const storageKey = 'gatehouse-organization';

/** The part of a path, or of a query, that names an organization; undefined where it names none. */
export function organizationInAddress(pathname: string, search: string): string | undefined {
  const inPath = /^\/(?:terraform|app)\/([^/]+)/.exec(pathname)?.[1];
  if (inPath !== undefined && !pathname.startsWith('/app/settings/')) return decodeURIComponent(inPath);
  return new URLSearchParams(search).get('organization') ?? undefined;
}

/** The one in the address, else the one that was used last, else the first; undefined: I am in none. */
export function chosenOrganization(
  organizations: readonly Organization[],
  inAddress: string | undefined,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): Organization | undefined {
  const named = (name: string | null | undefined) => organizations.find((candidate) => candidate.name === name);
  const addressed = named(inAddress);
  if (addressed !== undefined) storage.setItem(storageKey, addressed.name);
  return addressed ?? named(storage.getItem(storageKey)) ?? organizations[0];
}
