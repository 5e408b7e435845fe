import { type Measurement, median, milliseconds, ratiosOf } from './measurement.ts';
import { openSeeded } from './seeded-stack.ts';

const rounds = 30;
const few = 1_000;
const many = 1_000_000;

/** What the page and the terraform CLI ask for most, with a million runs in the store, beside a thousand. */
export async function lists(): Promise<Measurement> {
  const small = await times(few);
  const large = await times(many);
  const rows = Object.entries(large).map(([name, took]) => {
    const beside = small[name] ?? [];
    return {
      name: `${name} with ${many.toLocaleString('en')} runs in the store`,
      figures: `p50 ${milliseconds(median(took))}`,
      against: `with ${few.toLocaleString('en')}: p50 ${milliseconds(median(beside))}`,
      ratios: ratiosOf(took, beside),
      goal: 1.5,
    };
  });
  return { rows };
}

async function times(count: number): Promise<Record<string, number[]>> {
  const { api, stack, workspaceId, close } = await openSeeded(count);
  const paths = {
    "a workspace's runs": `/api/v2/workspaces/${workspaceId}/runs?page[size]=20`,
    "an organization's runs": `/api/v2/organizations/${stack.dev.organization}/runs?page[size]=20`,
    'waiting list': '/api/v2/mfa-challenges',
    dashboard: '/api/v2/queue',
    workspaces: `/api/v2/organizations/${stack.dev.organization}/workspaces`,
  };
  try {
    const all: Record<string, number[]> = {};
    for (const [name, path] of Object.entries(paths)) {
      const took: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const startedAt = performance.now();
        await api.call('GET', path);
        if (round > 0) took.push(performance.now() - startedAt); // The first one warms up.
      }
      all[name] = took;
    }
    return all;
  } finally {
    await close();
  }
}
