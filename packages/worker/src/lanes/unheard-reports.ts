import type { HeartbeatAnswer } from '@gatehouse/shared/worker-api';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import type { Reporter } from './reporter.ts';

type PhaseFinished = Extract<WorkerReport, { type: 'phase_finished' }>;

/** The api reads a report within milliseconds; one that is not heard of for this long may be lost. */
const patienceMs = 5_000;

/**
 * What phases came to, until the api knows it: Redis may lose a report that it took. Their claims are still named in
 * heartbeats, so that nobody gives them up for lost, and the answer says when they are over.
 */
export class UnheardReports {
  readonly #reporter: Pick<Reporter, 'report'>;
  readonly #unheard = new Map<string, { report: PhaseFinished; sentAtMs: number }>();

  constructor(reporter: Pick<Reporter, 'report'>) {
    this.#reporter = reporter;
  }

  /** Resolves when Redis has it. */
  async report(report: PhaseFinished): Promise<void> {
    await this.#reporter.report(report);
    this.#unheard.set(report.claimId, { report, sentAtMs: performance.now() });
  }

  get claimIds(): string[] {
    return [...this.#unheard.keys()];
  }

  /** Of an answer to a heartbeat that named them: a claim that is to be dropped at once has no result that is awaited. */
  hear({ stop }: Pick<HeartbeatAnswer, 'stop'>): void {
    for (const { claimId, mode } of stop) if (mode === 'kill') this.#unheard.delete(claimId);
    for (const unheard of this.#unheard.values()) void this.#sendAgain(unheard);
  }

  /** A report that Redis still has, or had within the hour, is known there by its name: the second one is none. */
  async #sendAgain(unheard: { report: PhaseFinished; sentAtMs: number }): Promise<void> {
    if (performance.now() - unheard.sentAtMs < patienceMs) return;
    unheard.sentAtMs = Number.POSITIVE_INFINITY;
    await this.#reporter.report(unheard.report);
    unheard.sentAtMs = performance.now();
  }
}
