import type { CancelMode } from '@gatehouse/shared/jobs';

/** Why a phase is to end before it is through. */
export type StopCause = 'canceled' | 'given_up' | 'phase_timeout' | 'session_expired' | 'worker_stopped';

/** What can be stopped: the sandbox of a phase. `interrupt` answers false when there was nothing to interrupt yet. */
export type Stoppable = { interrupt(): Promise<boolean>; kill(): void };

/** One SIGINT is graceful, a second makes terraform drop what is in flight: so it is repeated only while none has arrived. */
const interruptRetryMs = 200;

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
  #onStop: (cause: StopCause, mode: CancelMode) => void = () => {};

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

  /** Aborted at the first wish: for what is not terraform (requests, waits). */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  request(cause: StopCause, mode: CancelMode): void {
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

  /** Tells each wish as it comes, for the log. */
  onStop(listener: (cause: StopCause, mode: CancelMode) => void): void {
    this.#onStop = listener;
  }

  /** What is to be stopped from now on, also when the wish came before. */
  follow(stoppable: Stoppable): void {
    this.#stoppable = stoppable;
    this.#act();
  }

  /** The phase is over: nothing is to be stopped any more. */
  release(): void {
    this.#stoppable = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
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
