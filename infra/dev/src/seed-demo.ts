import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { awsVariables } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import { type ApiClient, ApiError, document, resourceOf, resourcesOf } from './api-client.ts';
import { packConfiguration } from './pack-configuration.ts';
import { uploadConfiguration } from './run-client.ts';

export const demoConfiguration = fileURLToPath(new URL('../demo-configuration', import.meta.url));
const organization = 'demo';
const workspace = 'demo';

/** An api that has just started on a busy machine may refuse (503) for some seconds. */
const longestBusyMs = 60_000;
const betweenTriesMs = 1_000;

type Emulated = { accessKeyId: string; secretAccessKey: string; mfaSerial: string };
type Seeded = { organization: string; workspace: string };

/**
 * The demo organization, its workspace and the keys of the emulated account, over the same API that everybody uses.
 * Only what is missing is made: whatever a person has changed since stays.
 */
export async function seedDemo(api: ApiClient, emulated: Emulated): Promise<Seeded> {
  for (const deadline = Date.now() + longestBusyMs; ; ) {
    try {
      return await seed(api, emulated);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || Date.now() > deadline) throw error;
      await delay(betweenTriesMs);
    }
  }
}

async function seed(api: ApiClient, emulated: Emulated): Promise<Seeded> {
  const here = `/api/v2/organizations/${organization}`;
  if (!(await exists(api, here))) {
    await api.call(
      'POST',
      '/api/v2/organizations',
      document('organizations', { name: organization, email: 'demo@example.com' }),
    );
  }
  const values = {
    [awsVariables.accessKeyId]: emulated.accessKeyId,
    [awsVariables.secretAccessKey]: emulated.secretAccessKey,
    [awsVariables.mfaSerial]: emulated.mfaSerial,
  };
  const known = resourcesOf(await api.call('GET', `${here}/vars?page[size]=100`), z.object({ key: z.string() }));
  for (const [key, value] of Object.entries(values)) {
    if (known.some((variable) => variable.attributes.key === key)) continue;
    const sensitive = key === awsVariables.secretAccessKey;
    await api.call('POST', `${here}/vars`, document('vars', { key, value, category: 'env', sensitive }));
  }
  if (!(await exists(api, `${here}/workspaces/${workspace}`))) {
    const attributes = { name: workspace, 'mfa-level': 'plans_and_applies' };
    const made = await api.call('POST', `${here}/workspaces`, document('workspaces', attributes));
    // So that a first run can be queued with one request: without a configuration it takes the workspace's newest.
    await uploadConfiguration(api, resourceOf(made, z.unknown()).id, await packConfiguration(demoConfiguration));
  }
  return { organization, workspace };
}

async function exists(api: ApiClient, path: string): Promise<boolean> {
  const answer = await api.request('GET', path);
  if (answer.status === 404) return false;
  if (answer.status !== 200) throw new ApiError(`GET ${path}`, answer);
  resourceOf(answer.body, z.unknown());
  return true;
}
