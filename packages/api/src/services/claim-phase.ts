import { endReasons } from '@gatehouse/shared/end-reasons';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { needsMfa, withheldVariables } from '@gatehouse/shared/mfa-level';
import { claimablePhase, type Phase, runningPhase, startedEvent } from '@gatehouse/shared/run-status';
import { claimedVariable, type PhaseClaim, sealedContexts } from '@gatehouse/shared/worker-api';
import { z } from 'zod';
import { findChallengeOfPhase } from '../store/challenges.ts';
import { findPhase, phasesOfClaims, updatePhase } from '../store/phases.ts';
import { applyEvent, type Run, requireRun } from '../store/runs.ts';
import { currentStateVersion } from '../store/state-versions.ts';
import { workspaceName } from '../store/workspace-queue.ts';
import { readAwsKeys, sealAwsKeys } from './aws-variables.ts';
import { runVariablesContext } from './create-run.ts';
import { endRun } from './end-run.ts';
import { issueJobToken } from './job-token.ts';
import { change, ourselves, type RunCore } from './run-core.ts';
import { sessionRequestOf } from './session-request.ts';

/** A worker uploads and reports after the phase's own time is up; its token outlives that a little. */
const tokenSlackMs = 10 * 60_000;

/**
 * A worker wants to run a phase. The first claim of a queued phase wins and learns what to do; every other one is
 * refused with `invalid_transition` (409), so that no phase starts twice, whatever the queue does. The claim that won
 * is answered again when it is repeated: its worker has not heard the answer.
 */
export async function claimPhase(
  core: RunCore,
  input: { runId: string; phase: Phase; workerId: string; claimId?: string | undefined },
): Promise<PhaseClaim> {
  const { database, clock } = core;
  const { runId, phase, workerId } = input;
  const run = requireRun(database, runId);
  if (isRepeated(core, run, input)) return answerOf(core, run, phase, input.claimId);
  const isTaken = input.claimId !== undefined && phasesOfClaims(database, [input.claimId]).length > 0;
  if (isTaken || claimablePhase(run.status) !== phase) throw notClaimable(run, phase);
  refuseWithoutSession(core, run, phase);
  const claimId = input.claimId ?? newId('claim', clock.now().getTime());
  // Everything that can fail comes before the guarded write: a claim that is lost half-made holds nothing.
  const answer = await answerOf(core, run, phase, claimId);
  change(core, (now) => {
    const { transaction, at } = now;
    const set =
      phase === 'plan' ? { plannedStateVersionId: currentStateVersion(transaction, run.workspaceId)?.id } : {};
    applyEvent(transaction, { runId, event: startedEvent[phase], by: workerId, at, set });
    updatePhase(transaction, runId, phase, { claimId, workerId, startedAt: at, lastSeenAt: at });
  });
  return answer;
}

function isRepeated<Input extends { phase: Phase; workerId: string; claimId?: string | undefined }>(
  { database }: RunCore,
  run: Run,
  input: Input,
): input is Input & { claimId: string } {
  if (input.claimId === undefined || runningPhase(run.status) !== input.phase) return false;
  const claimed = findPhase(database, run.id, input.phase);
  return claimed?.claimId === input.claimId && claimed.workerId === input.workerId;
}

async function answerOf(core: RunCore, run: Run, phase: Phase, claimId: string): Promise<PhaseClaim> {
  const { database, clock, settings, sealer } = core;
  const expiresAt = new Date(clock.now().getTime() + settings.phaseTimeoutMs + tokenSlackMs);
  return {
    claimId,
    jobToken: await issueJobToken(core, { runId: run.id, phase, claimId, expiresAt }),
    runId: run.id,
    phase,
    organization: run.organization,
    workspace: { id: run.workspaceId, name: workspaceName(database, run.workspaceId) },
    createdBy: run.createdByName,
    terraformVersion: run.terraformVersion,
    workingDirectory: run.workingDirectory,
    isDestroy: run.isDestroy,
    refresh: run.refresh,
    refreshOnly: run.refreshOnly,
    planOnly: run.planOnly,
    allowEmptyApply: run.allowEmptyApply,
    structuredOutput: run.structuredOutput,
    wantsProviderSchemas: run.savePlan || run.structuredOutput,
    targetAddrs: run.targetAddrs,
    replaceAddrs: run.replaceAddrs,
    sealedVariables: await sealer.seal(await variablesOf(core, run), sealedContexts.variables(claimId)),
    aws: await awsOf(core, run, phase, claimId),
    awsDelivery: run.awsDelivery,
    extendBeforeMs: settings.mfaExtendBeforeMs,
    timeoutMs: settings.phaseTimeoutMs,
    logLimitBytes: settings.logLimitBytes,
  };
}

/** A session that ended while the phase was queued cannot start it: the run ends and says so. */
function refuseWithoutSession(core: RunCore, run: Run, phase: Phase): void {
  const challenge = findChallengeOfPhase(core.database, run.id, phase);
  if (challenge?.sessionExpiresAt == null || challenge.sessionExpiresAt > core.clock.now()) return;
  change(core, (now) =>
    endRun(now, {
      runId: run.id,
      event: 'phaseFailed',
      reason: 'session_lost',
      by: ourselves,
      outcome: 'errored',
      logLines: [`Error: ${endReasons.session_lost}`],
    }),
  );
  throw notClaimable(requireRun(core.database, run.id), phase);
}

/** Pinned when the run was made. The long-lived keys were left out then, and are left out again here. */
async function variablesOf({ sealer }: RunCore, run: Run): Promise<string> {
  const text = await sealer.unsealText(run.sealedVariables, runVariablesContext(run.id));
  const variables = z.array(claimedVariable).parse(JSON.parse(text));
  return JSON.stringify(
    variables.filter(({ key, category }) => category !== 'env' || !withheldVariables.includes(key)),
  );
}

async function awsOf(core: RunCore, run: Run, phase: Phase, claimId: string): Promise<PhaseClaim['aws']> {
  if (needsMfa(run.mfaLevel, phase)) return { source: 'challenge' };
  const keys = await readAwsKeys(core, run);
  if (keys === undefined) return { source: 'none' };
  return {
    source: 'keys',
    sealedIdentity: await sealAwsKeys(core.sealer, keys, claimId),
    session: sessionRequestOf(core.database, run, phase, { username: run.createdByName, keys }),
  };
}

function notClaimable(run: Run, phase: Phase): GatehouseError {
  return new GatehouseError('invalid_transition', `Run ${run.id} is ${run.status}; its ${phase} is not to be claimed.`);
}
