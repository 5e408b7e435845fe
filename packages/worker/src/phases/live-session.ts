import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import type { Logger } from 'pino';
import type { LogWriter } from '../logs/log-writer.ts';
import type { Session } from '../sts/session.ts';
import type { Rejection } from '../sts/sts-rejections.ts';
import { type SessionTimes, sessionTimes } from './session-times.ts';
import type { StopSignal } from './stop-signal.ts';

export type LiveSessionOptions = {
  claim: Pick<PhaseClaim, 'runId' | 'phase' | 'claimId' | 'extendBeforeMs'>;
  marginMs: number;
  stop: StopSignal;
  log: Pick<LogWriter, 'say' | 'mask'>;
  logger: Logger;
  report: (report: WorkerReport) => Promise<void>;
  /** How the next session comes: laid down after a code, made anew without one, or not at all. */
  next: NextSession;
};

type SessionOpened = Extract<WorkerReport, { type: 'session_opened' }>;

/** A session, and what its role was found to allow where that was tried. */
export type Opened = { session: Session; trust?: SessionOpened['trust'] };

export type NextSession =
  | { by: 'code'; read: () => Promise<Session | undefined> }
  | { by: 'renewal'; ask: () => Promise<Opened | Rejection> }
  | { by: 'nothing' };

/** The clock stands still for nobody: a Redis that does not answer is not waited for at the end of a session. */
const lastLookMs = 2_000;
/** Between two tries to renew: a tenth of what is left, within these. */
const shortestRetryMs = 1_000;
const longestRetryMs = 30_000;

/**
 * The AWS session of one phase while it runs. A newer one takes the place of the one before, with everything that hangs
 * on it: what the endpoint serves, what the log masks, what the api knows, and when terraform is interrupted.
 */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  #session: Session | undefined;
  #looking: Promise<unknown> = Promise.resolve();
  #telling: Promise<void> = Promise.resolve();

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  /** undefined before the first one, and for good once it was revoked. */
  async current(): Promise<Session | undefined> {
    return this.#options.stop.isRevoked ? undefined : this.#session;
  }

  /** Takes the session, unless the one that it has is good for longer, all are revoked or the phase is over. True: taken. */
  adopt({ session, trust }: Opened): boolean {
    const { log, stop } = this.#options;
    if (stop.isReleased || stop.isRevoked || !this.#isNewer(session)) return false;
    log.mask(session.secretAccessKey);
    if (session.sessionToken !== undefined) log.mask(session.sessionToken);
    this.#session = session;
    const { expiresAt } = session;
    log.say(
      `AWS session ${session.accessKeyId}, ${expiresAt === undefined ? 'end unknown' : `until ${expiresAt.toISOString()}`}`,
    );
    this.#tell({ session, trust }, expiresAt === undefined ? undefined : this.#keepHours(expiresAt));
    return true;
  }

  /** Adopts what a code has bought meanwhile. True when there was something newer. */
  lookForNewer(): Promise<boolean> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look;
    return look;
  }

  #isNewer(session: Session): boolean {
    const before = this.#session;
    if (before === undefined) return true;
    if (before.expiresAt === undefined || session.expiresAt === undefined) return false;
    return session.accessKeyId !== before.accessKeyId && session.expiresAt > before.expiresAt;
  }

  async #look(): Promise<boolean> {
    const { next, logger } = this.#options;
    if (next.by !== 'code') return false;
    try {
      const found = await next.read();
      return found !== undefined && this.adopt({ session: found });
    } catch (error) {
      logger.warn({ err: error }, 'a newer session could not be looked for');
      return false;
    }
  }

  #keepHours(expiresAt: Date): SessionTimes {
    const { claim, marginMs, stop, next } = this.#options;
    const times = sessionTimes(expiresAt, { now: Date.now(), marginMs, extendBeforeMs: claim.extendBeforeMs });
    stop.schedule('end of the session', times.stopsAt, () => void this.#end());
    if (next.by === 'renewal') this.#renewAt(times.asksAt, times.stopsAt);
    return times;
  }

  /** A code may have come at the last moment. */
  async #end(): Promise<void> {
    const ending = this.#session;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lastLookMs);
    });
    await Promise.race([this.lookForNewer(), patience]);
    clearTimeout(timer);
    if (this.#session === ending) this.#options.stop.request('session_expired', 'interrupt');
  }

  #renewAt(at: Date, until: Date, isRepeated = false): void {
    this.#options.stop.schedule('renewal', at, () => void this.#renew(until, isRepeated));
  }

  /** A repetition spends nothing, so it is tried until there is no time left. */
  async #renew(until: Date, isRepeated: boolean): Promise<void> {
    const { log } = this.#options;
    const answer = await this.#ask();
    if (answer === undefined) return;
    if ('session' in answer) {
      log.say('the AWS session is renewed; no code is needed for it.');
      this.adopt(answer);
      return;
    }
    if (!isRepeated) {
      const why = answer.awsMessage ?? answer.rejection;
      log.say(`AWS did not renew the session: ${why}. It is asked again until ${until.toISOString()}.`);
    }
    const leftMs = until.getTime() - Date.now();
    const delayMs = Math.min(longestRetryMs, Math.max(shortestRetryMs, leftMs / 10));
    if (delayMs < leftMs) this.#renewAt(new Date(Date.now() + delayMs), until, true);
  }

  async #ask(): Promise<Opened | Rejection | undefined> {
    const { next, stop, logger } = this.#options;
    if (next.by !== 'renewal' || stop.isRevoked) return undefined;
    try {
      return await next.ask();
    } catch (error) {
      logger.error({ err: error }, 'a session could not be renewed');
      return undefined;
    }
  }

  /** In order, and nobody waits: a report that Redis does not take yet is no reason to hold terraform up. */
  #tell({ session, trust }: Opened, times: SessionTimes | undefined): void {
    const { claim, next, report, logger } = this.#options;
    const { runId, phase, claimId } = claim;
    const { accessKeyId, expiresAt } = session;
    const opened: SessionOpened = {
      type: 'session_opened',
      ...{ runId, phase, claimId, accessKeyId },
      expiresAt: expiresAt?.toISOString() ?? null,
      stopsAt: times?.stopsAt.toISOString() ?? null,
      asksAt: (next.by === 'code' ? times?.asksAt.toISOString() : undefined) ?? null,
      ...(trust === undefined ? {} : { trust }),
    };
    this.#telling = this.#telling
      .then(() => report(opened))
      .catch((error: unknown) => logger.error({ err: error }, 'a session could not be reported'));
  }
}
