import type { EndReason } from '@gatehouse/shared/end-reasons';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import type { ClaimedVariable, PhaseClaim } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import type { PhaseApi } from '../api-client/phase-api-client.ts';
import type { LogWriter } from '../logs/log-writer.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import type { Session } from '../sts/session.ts';
import type { SessionStore } from '../sts/session-store.ts';
import type { StsOptions } from '../sts/sts-client.ts';
import type { FindTerraform, Terraform } from '../terraform/find-terraform.ts';
import type { KeptStates } from './kept-states.ts';
import { type Counts, failed, type Outcome, outcomeOfStop } from './outcome.ts';
import type { RunFolders } from './run-folders.ts';
import type { StopSignal } from './stop-signal.ts';

/** What every phase of this worker shares. */
export type PhaseSettings = {
  workerName: string;
  workDir: string;
  sandbox: Pick<SandboxOptions, 'mode' | 'providerMirror' | 'allowDirectProviders' | 'identity' | 'forwards'> & {
    egressAllow: readonly string[];
  };
  sts: StsOptions;
  findTerraform: FindTerraform;
  sessionMarginMs: number;
  stateHoldMs: number;
};

export type PhaseContext = {
  settings: PhaseSettings;
  claim: PhaseClaim;
  api: PhaseApi;
  log: LogWriter;
  logger: Logger;
  redis: Redis;
  sealer: Sealer;
  sessions: SessionStore;
  stop: StopSignal;
  folders: RunFolders;
  keptStates: KeptStates;
  /** What earlier steps made for later ones; asked for with `need`. */
  made: Partial<Made>;
};

export type Made = {
  terraform: Terraform;
  variables: readonly ClaimedVariable[];
  session: { current: () => Promise<Session | undefined> };
  /** Working directory: on the host, and relative to the tree's root (`''` for the root itself). */
  directory: { host: string; below: string };
  /** The state as it was before this phase; absent when there is none. */
  previousState: Uint8Array;
  sandbox: Sandbox;
  /** Apply only: the tree as it was packed, until it is unpacked. */
  savedTree: Uint8Array;
  plan: { sha256: string; hasChanges: boolean; counts: Counts };
};

/** One thing that a phase does. It returns an outcome to end the phase there, and throws what it cannot decide. */
export type Step = {
  /** Completes "failed while …". */
  doing: string;
  /** The end reason when it throws. Default `worker_error`. */
  blame?: EndReason;
  run(phase: PhaseContext): Promise<Outcome | undefined>;
};

/** What an earlier step made. Its absence is a defect in the list of steps. */
export function need<Key extends keyof Made>(phase: PhaseContext, key: Key): Made[Key] {
  const value = phase.made[key];
  if (value === undefined) throw new GatehouseError('internal', `No step has made "${key}" yet.`);
  return value;
}

/**
 * Runs the steps until one gives an outcome. A wish to stop is honoured between them, and is the outcome of whatever
 * fails after it. A failure is told in the run's own log, in words.
 */
export async function runSteps(steps: readonly Step[], phase: PhaseContext): Promise<Outcome> {
  for (const step of steps) {
    const outcome = outcomeOfStop(phase.stop) ?? (await runStep(step, phase));
    if (outcome === undefined) continue;
    const final = outcome.kind === 'failed' ? (outcomeOfStop(phase.stop) ?? outcome) : outcome;
    if (final.kind === 'failed') phase.log.say(final.message);
    return final;
  }
  return failed('worker_error', 'The phase ended without a result.');
}

async function runStep(step: Step, phase: PhaseContext): Promise<Outcome | undefined> {
  const startedAt = performance.now();
  try {
    const outcome = await step.run(phase);
    phase.logger.debug({ step: step.doing, ms: Math.round(performance.now() - startedAt) }, 'step done');
    return outcome;
  } catch (error) {
    phase.logger.error({ err: error, step: step.doing }, 'step failed');
    // Only our own messages are known to hold no secret.
    const why = error instanceof GatehouseError ? error.message : 'the worker has a defect; its own log says more.';
    const reason = isGatehouseError(error, 'configuration_invalid')
      ? 'configuration_invalid'
      : (step.blame ?? 'worker_error');
    return failed(reason, `Failed while ${step.doing}: ${why}`);
  }
}
