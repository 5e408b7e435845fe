import type { CancelMode } from '@gatehouse/shared/jobs';

/** Why a phase is to end before it is through. */
export type StopCause =
  | 'canceled'
  | 'given_up'
  | 'phase_timeout'
  | 'session_expired'
  | 'session_revoked'
  | 'worker_stopped';

/** What can be stopped: the sandbox of a phase. `interrupt` answers false when there was nothing to interrupt yet. */
export type Stoppable = { interrupt(): Promise<boolean>; kill(): void };

/** One SIGINT is graceful, a second makes terraform drop what is in flight: so it is repeated only while none has arrived. */
const interruptRetryMs = 200;
/** A long wait is cut: setTimeout has a largest delay, and does not see a clock that was set or a host that slept. */
const longestWaitMs = 60_000;

/**
 * The wish to stop one phase. The first cause wins; the mode can only become harder. An interrupt that has not ended
 * the phase after `graceMs` becomes a kill.
 */
export class StopSignal {
  readonly #graceMs: number;
  readonly #abort = new AbortController();
  #cause: StopCause | undefined;
  #mode: CancelMode | undefined;
  #stoppable: Stoppable | undefined;
  #interrupted = false;
  #timers: NodeJS.Timeout[] = [];
  readonly #appointments = new Map<string, NodeJS.Timeout>();
  #isReleased = false;
  #isRevoked = false;
  #onStop: (cause: StopCause, mode: CancelMode) => void = () => {};
  #onRevoked: () => void = () => {};

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  /** Terraform was, or is to be, killed rather than asked. */
  get isForced(): boolean {
    return this.#mode === 'kill';
  }

  /** The phase is over. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** The session may not be used any more, whatever stopped the phase first. */
  get isRevoked(): boolean {
    return this.#isRevoked;
  }

  /** Aborted at the first wish: for what is not terraform (requests, waits). */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  request(cause: StopCause, mode: CancelMode): void {
    if (this.#isReleased) return;
    if (cause === 'session_revoked' && !this.#isRevoked) {
      this.#isRevoked = true;
      this.#onRevoked();
    }
    if (this.#mode === 'kill' || (this.#mode === mode && this.#cause !== undefined)) return;
    this.#cause ??= cause;
    this.#mode = mode;
    this.#onStop(this.#cause, mode);
    this.#abort.abort();
    if (mode === 'interrupt') this.#timers.push(setTimeout(() => this.request(cause, 'kill'), this.#graceMs));
    this.#act();
  }

  /** The same wish, later; forgotten when the phase is over before. */
  alsoAt(delayMs: number, cause: StopCause, mode: CancelMode): void {
    this.#timers.push(setTimeout(() => this.request(cause, mode), delayMs));
  }

  /** Does something at an instant of the clock, unless the phase is over before. Replaces what `name` stood for until now. */
  schedule(name: string, at: Date, act: () => void): void {
    clearTimeout(this.#appointments.get(name));
    if (this.#isReleased) return;
    this.#wait(name, { at, due: performance.now() + at.getTime() - Date.now() }, act);
  }

  /** Whichever clock comes there first: the one on the wall may be put back, the other stands while the host sleeps. */
  #wait(name: string, until: { at: Date; due: number }, act: () => void): void {
    const left = () => Math.round(Math.min(until.at.getTime() - Date.now(), until.due - performance.now()));
    const wake = () => (left() > 0 ? this.#wait(name, until, act) : act());
    this.#appointments.set(name, setTimeout(wake, Math.min(Math.max(0, left()), longestWaitMs)));
  }

  /** Called once, when the session is revoked; at once where it was before. */
  onRevoked(listener: () => void): void {
    this.#onRevoked = listener;
    if (this.#isRevoked) listener();
  }

  /** Tells each wish as it comes, for the log. */
  onStop(listener: (cause: StopCause, mode: CancelMode) => void): void {
    this.#onStop = listener;
  }

  /** What is to be stopped from now on, also when the wish came before. */
  follow(stoppable: Stoppable): void {
    this.#stoppable = stoppable;
    this.#act();
  }

  /** The phase is over: nothing is to be stopped any more, and what is wished from now on is too late. */
  release(): void {
    this.#stoppable = undefined;
    this.#isReleased = true;
    for (const timer of [...this.#timers, ...this.#appointments.values()]) clearTimeout(timer);
  }

  #act(): void {
    if (this.#mode === 'kill') this.#stoppable?.kill();
    else if (this.#mode === 'interrupt') this.#interrupt().catch(() => this.#stoppable?.kill());
  }

  async #interrupt(): Promise<void> {
    if (this.#interrupted || this.#stoppable === undefined) return;
    this.#interrupted = true;
    this.#interrupted = await this.#stoppable.interrupt();
    if (!this.#interrupted) this.#timers.push(setTimeout(() => this.#act(), interruptRetryMs));
  }
}
