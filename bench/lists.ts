import { setTimeout as delay } from 'node:timers/promises';
import { type Measurement, median, milliseconds, ratiosOf } from './measurement.ts';
import { openSeeded } from './seeded-stack.ts';

const rounds = 30;
const few = 1_000;
const many = 1_000_000;
/** Whoever asks for the dashboard's history within 5 s of somebody else shares the answer: its rounds are fewer, and apart. */
const historyRounds = 6;
const historyGoodForMs = 5_000;

/** What the page and the terraform CLI ask for most, with a million runs in the store, beside a thousand; those of the last week are the same. */
export async function lists(): Promise<Measurement> {
  const small = await times(few);
  const large = await times(many);
  const rows = Object.entries(large).map(([name, took]) => {
    const beside = small[name] ?? [];
    return {
      name: `${name} with ${many.toLocaleString('en')} runs in the store`,
      figures: `p50 ${milliseconds(median(took))}`,
      against: `with ${few.toLocaleString('en')}: p50 ${milliseconds(median(beside))}`,
      ratios: ratiosOf(took.toSorted(ascending), beside.toSorted(ascending)),
      goal: 1.5,
    };
  });
  return { rows };
}

/** The two were not asked in turns: what is fast is held against what is fast, and slow against slow. */
const ascending = (left: number, right: number): number => left - right;

async function times(count: number): Promise<Record<string, number[]>> {
  const { api, stack, workspaceId, close } = await openSeeded(count);
  const ofOrganization = `/api/v2/organizations/${stack.dev.organization}`;
  const timesOf = async (path: string, rounds: number, apartMs = 0) => {
    const took: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const startedAt = performance.now();
      await api.call('GET', path);
      if (round > 0) took.push(performance.now() - startedAt); // The first one warms up.
      await delay(apartMs);
    }
    return took;
  };
  try {
    return {
      "a workspace's runs": await timesOf(`/api/v2/workspaces/${workspaceId}/runs?page[size]=20`, rounds),
      "an organization's runs": await timesOf(`${ofOrganization}/runs?page[size]=20`, rounds),
      'waiting list': await timesOf('/api/v2/mfa-challenges', rounds),
      'dashboard, the last 24 hours': await timesOf('/api/v2/queue', historyRounds, historyGoodForMs),
      'dashboard, the last week': await timesOf('/api/v2/queue?hours=168', historyRounds, historyGoodForMs),
      workspaces: await timesOf(`${ofOrganization}/workspaces`, rounds),
    };
  } finally {
    await close();
  }
}
