import { setTimeout as sleep } from 'node:timers/promises';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';

export type StatePush = 'stored' | 'refused' | 'unreachable';

export type StatePusherOptions = {
  store: (state: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** Told once for each outage and each refusal, in words for the run's log. */
  say: (sentence: string) => void;
  firstDelayMs?: number;
  longestDelayMs?: number;
};

/**
 * Brings states to the api: one at a time, the latest wins, and an api that is away is asked again until it answers.
 * A state that the api refuses is not sent again, a later one is.
 */
export class StatePusher {
  readonly #options: StatePusherOptions;
  #next: Uint8Array<ArrayBuffer> | undefined;
  #working: Promise<void> | undefined;
  #last: StatePush = 'stored';
  #newest: Uint8Array<ArrayBuffer> | undefined;
  #stopped = false;
  #wake = new AbortController();

  constructor(options: StatePusherOptions) {
    this.#options = options;
  }

  offer(state: Uint8Array<ArrayBuffer>): void {
    this.#next = state;
    this.#newest = state;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** The newest state that was offered; undefined: none was. */
  get newest(): Uint8Array<ArrayBuffer> | undefined {
    return this.#newest;
  }

  /** Waits until the newest state is stored or refused, or gives up after `patienceMs`. Nothing is pushed afterwards. */
  async finish(patienceMs: number): Promise<StatePush> {
    const giveUp = setTimeout(() => {
      this.#stopped = true;
      this.#wake.abort();
    }, patienceMs);
    while (this.#working !== undefined) await this.#working;
    clearTimeout(giveUp);
    return this.#last;
  }

  async #work(): Promise<void> {
    const { firstDelayMs = 500, longestDelayMs = 5_000 } = this.#options;
    for (let failures = 0; this.#next !== undefined && !this.#stopped; ) {
      const state = this.#next;
      this.#last = await this.#tryOnce(state, failures === 0);
      if (this.#last !== 'unreachable') {
        if (this.#next === state) this.#next = undefined;
        failures = 0;
        continue;
      }
      const delayMs = Math.min(firstDelayMs * 2 ** failures, longestDelayMs);
      failures++;
      await sleep(delayMs, undefined, { signal: this.#wake.signal }).catch(() => {});
    }
  }

  async #tryOnce(state: Uint8Array<ArrayBuffer>, isFirst: boolean): Promise<StatePush> {
    try {
      await this.#options.store(state);
      return 'stored';
    } catch (error) {
      if (isGatehouseError(error) && !comesBack.has(error.code)) {
        this.#options.say(`The state was not accepted: ${error.message}`);
        return 'refused';
      }
      if (isFirst)
        this.#options.say(
          'The state could not be stored yet (the api does not answer); it is tried again until it can.',
        );
      return 'unreachable';
    }
  }
}

const comesBack: ReadonlySet<string> = new Set(['unavailable', 'internal', 'too_many_requests']);
