import type { Phase } from '@gatehouse/shared/run-status';
import { sessionSeconds } from './workspace-rules.ts';

/** How long a phase took from its queueing, with which its session begins, to its end. */
export type EarlierPhase = {
  tookMs: number;
  /** Its session ended first: it would have taken longer than this. */
  wasCutShort: boolean;
};

export type LengthSettings = {
  roleArn: string | null;
  roleMaxSessionSeconds: number | null;
  sessionDurationSeconds: number;
  sessionDurationAutomatic: boolean;
};

/** What session a phase will ask for, and whether that is likely to be enough. */
export type SessionForecast = {
  earlierRuns: number;
  /** Of the earlier ones; null when there are none. */
  p95Seconds: number | null;
  durationSeconds: number;
  /** p95 with a margin; null when too few are known. */
  expectedSeconds: number | null;
  /** The longest that AWS gives by the call that will be made. */
  limitSeconds: number;
  isEnough: boolean;
};

/** Below this many, chance says more than they do. */
const fewestEarlier = 3;
const durationWithoutEarlier = 3_600;
const marginFactor = 1.25;
const marginSeconds = 300;

/** `isChained`: the keys are a session already, with which AWS lets roles be assumed for an hour only. */
export function forecastSession(
  settings: LengthSettings,
  earlier: readonly EarlierPhase[],
  { isChained }: { isChained: boolean },
): SessionForecast {
  const p95Seconds = p95Of(earlier);
  // One that was cut short says what chance does not: an hour was not enough.
  const isKnown = earlier.length >= fewestEarlier || earlier.some(({ wasCutShort }) => wasCutShort);
  const expectedSeconds = isKnown && p95Seconds !== null ? withMargin(p95Seconds) : null;
  const limitSeconds = limitOf(settings, isChained);
  const wanted = settings.sessionDurationAutomatic
    ? Math.max(sessionSeconds.min, expectedSeconds ?? durationWithoutEarlier)
    : settings.sessionDurationSeconds;
  const durationSeconds = Math.min(wanted, limitSeconds);
  const isEnough = expectedSeconds === null || durationSeconds >= expectedSeconds;
  return { earlierRuns: earlier.length, p95Seconds, durationSeconds, expectedSeconds, limitSeconds, isEnough };
}

function limitOf(settings: LengthSettings, isChained: boolean): number {
  if (settings.roleArn === null) return sessionSeconds.maxWithoutRole;
  if (isChained) return sessionSeconds.maxChained;
  // Whoever set a longer session has said with it that the role allows as much.
  const told = settings.sessionDurationAutomatic ? 0 : settings.sessionDurationSeconds;
  const ofRole = settings.roleMaxSessionSeconds ?? Math.max(sessionSeconds.maxOfRoleByDefault, told);
  return Math.min(sessionSeconds.maxWithRole, ofRole);
}

/** By nearest rank: of fewer than 20 it is the longest. */
function p95Of(earlier: readonly EarlierPhase[]): number | null {
  const ascending = earlier.map(({ tookMs }) => Math.round(tookMs / 1000)).toSorted((one, other) => one - other);
  return ascending[Math.ceil(ascending.length * 0.95) - 1] ?? null;
}

function withMargin(seconds: number): number {
  return Math.ceil((seconds * marginFactor + marginSeconds) / 60) * 60;
}

/**
 * Said before the code is asked for, where the phase is likely to need longer than its session will last. Undefined when
 * nothing is to be said. `extendBeforeMs`: how long before its end a session asks for the next code.
 */
export function shortSessionLine(
  forecast: SessionForecast,
  about: { phase: Phase; roleArn: string | null; isExtendable: boolean; extendBeforeMs: number },
): string | undefined {
  const { durationSeconds, limitSeconds, p95Seconds, isEnough } = forecast;
  if (isEnough || p95Seconds === null) return undefined;
  const whole = about.phase === 'plan' ? 'Plans' : 'Applies';
  const giver = about.roleArn === null ? 'AWS gives' : 'AWS gives this role';
  const given =
    durationSeconds < limitSeconds
      ? `a session is set to last ${lengthWords(durationSeconds)}`
      : `${giver} ${lengthWords(limitSeconds)}`;
  const askedAfter = Math.max(durationSeconds - about.extendBeforeMs / 1000, durationSeconds / 2);
  const then = about.isExtendable
    ? `you may be asked for another code while it runs, ${lengthWords(askedAfter)} after the first`
    : 'it is interrupted when its session ends';
  return `${whole} here took up to ${lengthWords(p95Seconds)}; ${given}: ${then}.`;
}

/** `1 h 50 min`, to the minute, upwards. */
export function lengthWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
