import type { EndReason } from '@gatehouse/shared/end-reasons';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import type { ClaimedVariable, PhaseClaim } from '@gatehouse/shared/worker-api';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import type { Logger } from 'pino';
import type { PhaseApi } from '../api-client/phase-api-client.ts';
import type { LogWriter } from '../logs/log-writer.ts';
import { UnsafeFile } from '../sandbox/read-file-safely.ts';
import type { PreparedCommand, Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import type { SessionStore } from '../sts/session-store.ts';
import type { StsOptions } from '../sts/sts-client.ts';
import type { FindTerraform, Terraform } from '../terraform/find-terraform.ts';
import type { ApplyProgress } from './apply-progress.ts';
import type { KeptStates } from './kept-states.ts';
import type { LiveSession } from './live-session.ts';
import { type Counts, failed, type Outcome, outcomeOfStop } from './outcome.ts';
import type { PhaseNotes } from './phase-notes.ts';
import type { PlanArtifact } from './plan-artifact.ts';
import type { PlannedChange } from './planned-changes.ts';
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
  notes: PhaseNotes;
  report: (report: WorkerReport) => Promise<void>;
  folders: RunFolders;
  keptStates: KeptStates;
  /** What earlier steps made for later ones; asked for with `need`. */
  made: Partial<Made>;
};

export type Made = {
  terraform: Terraform;
  variables: readonly ClaimedVariable[];
  session: LiveSession;
  /** Working directory: on the host, and relative to the tree's root (`''` for the root itself). */
  directory: { host: string; below: string };
  /** The state as it was before this phase; absent when there is none. */
  previousState: Uint8Array;
  sandbox: Sandbox;
  /** Commands whose sandbox is made while the one before them runs. */
  initAhead: PreparedCommand;
  planAhead: PreparedCommand;
  showAhead: PreparedCommand;
  packAhead: PreparedCommand;
  /** Absent, as what it brings, when nobody wants the schemas. */
  schemasAhead: PreparedCommand;
  applyAhead: PreparedCommand;
  /** Plan only: the plan file as it was when terraform had ended. */
  plan: {
    file: Uint8Array;
    hasChanges: boolean;
    counts: Counts;
    changes: PlannedChange[];
    mirrored: string[] | null;
  };
  planJson: Uint8Array<ArrayBuffer>;
  /** `terraform providers schema -json`, whole. */
  schemas: Uint8Array;
  /** The packed tree; absent when there is nothing to apply. */
  tree: Uint8Array;
  /** Apply only. */
  savedPlan: PlanArtifact & { needsInit: boolean };
  progress: ApplyProgress;
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
  const outcome = await runInOrder(steps, phase);
  if (outcome === undefined) return failed('worker_error', 'The phase ended without a result.');
  const final =
    outcome.kind === 'failed'
      ? (outcomeOfStop(phase.stop, phase.made.progress?.sentence(phase.stop.isForced)) ?? outcome)
      : outcome;
  if (final.kind === 'failed') phase.log.say(final.message);
  return final;
}

/** Steps that need nothing of one another, at the same time. All are waited for; the first outcome in the list counts. */
export function together(doing: string, ...steps: readonly Step[]): Step {
  return {
    doing,
    async run(phase) {
      const outcomes = await Promise.all(steps.map((step) => runStep(step, phase)));
      return outcomes.find((outcome) => outcome !== undefined);
    },
  };
}

/** One of the things that are done `together`, where that takes more steps than one. */
export function inOrder(doing: string, ...steps: readonly Step[]): Step {
  return { doing, run: (phase) => runInOrder(steps, phase) };
}

async function runInOrder(steps: readonly Step[], phase: PhaseContext): Promise<Outcome | undefined> {
  for (const step of steps) {
    const outcome = outcomeOfStop(phase.stop) ?? (await runStep(step, phase));
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

async function runStep(step: Step, phase: PhaseContext): Promise<Outcome | undefined> {
  const startedAt = performance.now();
  try {
    const outcome = await step.run(phase);
    phase.logger.debug({ step: step.doing, stepMs: Math.round(performance.now() - startedAt) }, 'step done');
    return outcome;
  } catch (error) {
    phase.logger.error({ err: error, step: step.doing }, 'step failed');
    // Only our own messages are known to hold no secret.
    const why = error instanceof GatehouseError ? error.message : 'the worker has a defect; its own log says more.';
    return failed(reasonOf(error, step), `Failed while ${step.doing}: ${why}`);
  }
}

function reasonOf(error: unknown, { blame = 'worker_error' }: Step): EndReason {
  if (isGatehouseError(error, 'configuration_invalid')) return 'configuration_invalid';
  return error instanceof UnsafeFile ? 'terraform_failed' : blame;
}
