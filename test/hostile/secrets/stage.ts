import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@gatehouse/dev/free-port';
import { startReceiver } from '../../../packages/api/test/receiver.ts';
import { openSite, type Site } from '../../e2e/page/visit.ts';
import { startEffects } from '../../faults/effects.ts';
import { type Ask, asking, type Heard } from './asking.ts';
import { startEar } from './ear.ts';
import { hearRedis } from './leavings.ts';
import type { Leaving } from './search.ts';

/** A canary of each kind by its name, and all that was left behind while they were used. */
export type Story = { site: Site; ask: Ask; canaries: Map<string, string>; codes: string[]; leavings: Leaving[] };
export type Stage = Story & {
  owner: { token: string };
  member: { token: string };
  control: string;
  effects: Awaited<ReturnType<typeof startEffects>>;
  receiver: Awaited<ReturnType<typeof startReceiver>>;
  redisEar: Awaited<ReturnType<typeof hearRedis>>;
  ears: readonly { heard(): string }[];
  /** How large a core file may get, by the name of each process that was looked at. */
  coreLimits: Map<string, string>;
  strike(): Promise<void>;
};

/** What every program in the story may tell: it is searched for to show that the searchers see. */
export const newControl = () => `control-${randomBytes(6).toString('hex')}`;

export const newCanary = () => `kestrel${randomBytes(9).toString('hex')}`;

/** A whole Gatehouse at its most talkative, with an ear in each line of its worker. */
export async function setStage(): Promise<Stage> {
  const [effects, receiver, apiEar, stsEar, port] = await Promise.all([
    startEffects(),
    startReceiver(),
    startEar(),
    startEar(),
    freePort(),
  ]);
  apiEar.leadTo(`http://127.0.0.1:${port}`);
  const site = await openSite({
    port,
    apiEnvironment: { GATEHOUSE_LOG_LEVEL: 'trace', GATEHOUSE_NOTIFICATION_ALLOW: receiver.host },
    workerEnvironment: {
      GATEHOUSE_LOG_LEVEL: 'trace',
      GATEHOUSE_API_URL: apiEar.url,
      GATEHOUSE_STS_ENDPOINT: stsEar.url,
      GATEHOUSE_SANDBOX_FORWARDS: `effects=127.0.0.1:${effects.port}`,
    },
  });
  const { dev } = site.gatehouse.stack;
  stsEar.leadTo(dev.stsUrl);
  const leavings: Leaving[] = [];
  return {
    site,
    leavings,
    ask: asking(dev.url, leavings),
    canaries: new Map(),
    codes: [],
    coreLimits: new Map(),
    owner: { token: dev.token },
    member: { token: '' },
    control: newControl(),
    effects,
    receiver,
    redisEar: await hearRedis(dev.redisUrl),
    ears: [apiEar, stsEar],
    async strike() {
      await site.stop();
      await Promise.all([effects.close(), receiver.close(), apiEar.close(), stsEar.close()]);
    },
  };
}

export function canary({ canaries }: Stage, kind: string): string {
  const value = newCanary();
  canaries.set(kind, value);
  return value;
}

/** A step of the story that has to succeed for the rest to mean anything. */
export async function done(asked: Promise<Heard>, status: number): Promise<Heard> {
  const answer = await asked;
  if (answer.status !== status) throw new Error(`Answered with ${answer.status}: ${answer.text.slice(0, 500)}`);
  return answer;
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come to that within a minute.');
    await delay(100);
  }
}
