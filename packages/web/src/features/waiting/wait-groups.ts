import type { Device } from '../../api-client/mfa.ts';
import type { Wait } from '../../api-client/waits.ts';

/** Runs that one code can release together: of one organization and one device. */
export type WaitGroup = {
  key: string;
  organization: string;
  device: Device;
  waits: readonly Wait[];
};

/** In the order of their oldest run. Decisions are of no device and stand apart. */
export function groupWaits(waits: readonly Wait[]): { groups: WaitGroup[]; decisions: Wait[] } {
  const groups = new Map<string, WaitGroup & { waits: Wait[] }>();
  for (const wait of waits) {
    if (wait.mfa === undefined) continue;
    const { device } = wait.mfa;
    const key = `${wait.organization} ${device.id}`;
    const group = groups.get(key) ?? { key, organization: wait.organization, device, waits: [] };
    group.waits.push(wait);
    groups.set(key, group);
  }
  return { groups: [...groups.values()], decisions: waits.filter(({ mfa }) => mfa === undefined) };
}

export const beingChecked = 'a code is being checked';
export const waitsNoMore = 'waits no more';

/** Why a run cannot be released in a batch; undefined: it can. */
export function whyNotTickable(wait: Wait, username: string): string | undefined {
  // The environment's name is asked for what destroys, and is typed on the run's own page.
  if (wait.phase === 'apply' && wait.destroys) return 'destroys: open to confirm';
  if (wait.mfa?.state === 'exchanging') return beingChecked;
  if (wait.mfa?.state !== 'awaiting') return waitsNoMore;
  if (!wait.mayAuthenticate.includes(username)) return 'not for you to release';
  return undefined;
}

/** Plans come ticked; an apply is ticked by hand. */
export function isTickedAtFirst(wait: Wait): boolean {
  return wait.phase === 'plan';
}

/** `Starts 2 plans, 1 apply.` */
export function whatStarts(ticked: readonly Wait[]): string {
  const plans = ticked.filter(({ phase }) => phase === 'plan').length;
  const applies = ticked.length - plans;
  return `Starts ${counted(plans, 'plan', 'plans')}, ${counted(applies, 'apply', 'applies')}.`;
}

/** As terraform counts, with what is zero left out: `+2 ~1 −14`. */
export function countsInSigns({ planCounts }: Pick<Wait, 'planCounts'>): string {
  if (planCounts === undefined) return '';
  const { additions, changes, destructions } = planCounts;
  return [
    ...(additions > 0 ? [`+${additions}`] : []),
    ...(changes > 0 ? [`~${changes}`] : []),
    ...(destructions > 0 ? [`−${destructions}`] : []),
  ].join(' ');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
