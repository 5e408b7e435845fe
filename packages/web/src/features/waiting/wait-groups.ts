import type { Device } from '../../api-client/mfa.ts';
import type { Wait } from '../../api-client/waits.ts';

/** Runs that one code can release together: of one organization and, unless the reader chooses another, one device. */
export type WaitGroup = {
  key: string;
  organization: string;
  /** Those that answer for each of the runs, the default first. None: the reader has no device that is accepted there. */
  devices: readonly Device[];
  waits: readonly Wait[];
};

/** In the order of their oldest run. Decisions are of no device and stand apart. */
export function groupWaits(waits: readonly Wait[]): { groups: WaitGroup[]; decisions: Wait[] } {
  const groups = new Map<string, WaitGroup>();
  for (const wait of waits) {
    if (wait.mfa === undefined) continue;
    const { devices } = wait.mfa;
    const key = `${wait.organization} ${devices[0]?.id ?? ''}`;
    const group = groups.get(key);
    groups.set(key, {
      key,
      organization: wait.organization,
      devices: group === undefined ? devices : group.devices.filter(({ id }) => devices.some((one) => one.id === id)),
      waits: [...(group?.waits ?? []), wait],
    });
  }
  return { groups: [...groups.values()], decisions: waits.filter(({ mfa }) => mfa === undefined) };
}

export const beingChecked = 'a code is being checked';
export const waitsNoMore = 'waits no more';

/** Why a run cannot be released in a batch; undefined: it can. */
export function whyNotTickable(wait: Wait, username: string): string | undefined {
  // The environment's name is asked for what destroys, and is typed on the run's own page.
  if (wait.phase === 'apply' && wait.destroys && !isExtension(wait)) return 'destroys: open to confirm';
  if (wait.mfa?.state === 'exchanging') return beingChecked;
  if (wait.mfa?.state !== 'awaiting') return waitsNoMore;
  if (wait.mfa.devices.length === 0) return 'asks for a device of your own';
  if (!wait.mayAuthenticate.includes(username)) return 'not for you to release';
  return undefined;
}

/** Plans come ticked; an apply is ticked by hand. A longer session starts nothing, whatever runs with it. */
export function isTickedAtFirst(wait: Wait): boolean {
  return wait.phase === 'plan' || isExtension(wait);
}

/** Terraform runs, and a code lets it go on. */
export function isExtension({ mfa }: Pick<Wait, 'mfa'>): boolean {
  return mfa?.purpose === 'extend';
}

export function startsApply(wait: Wait): boolean {
  return wait.phase === 'apply' && !isExtension(wait);
}

/** `Starts 2 plans, 1 apply. Extends 1 session.` */
export function whatStarts(ticked: readonly Wait[]): string {
  const extensions = ticked.filter(isExtension).length;
  const applies = ticked.filter(startsApply).length;
  const plans = ticked.length - applies - extensions;
  const extended = extensions === 0 ? '' : `Extends ${counted(extensions, 'session', 'sessions')}.`;
  if (extensions > 0 && extensions === ticked.length) return `${extended} Nothing new is started.`;
  const started = `Starts ${counted(plans, 'plan', 'plans')}, ${counted(applies, 'apply', 'applies')}.`;
  return extended === '' ? started : `${started} ${extended}`;
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
