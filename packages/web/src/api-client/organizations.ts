import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { many, resource } from './json-api.ts';

export type Organization = { name: string; isOwner: boolean };

const organizations = many(resource('organizations', { name: z.string(), role: z.enum(['owner', 'member']) }));

/** Those that I am a member of. */
export async function listOrganizations(api: Api, signal?: AbortSignal): Promise<Organization[]> {
  const { data } = await api.get('/organizations?page[size]=100', organizations, signal);
  return data.map(({ attributes }) => ({ name: attributes.name, isOwner: attributes.role === 'owner' }));
}
