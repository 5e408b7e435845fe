import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Actor } from '../domain/actor.ts';
import { checkTokenCode } from '../domain/token-code.ts';
import { type Challenge, findChallenge, isExtension } from '../store/challenges.ts';
import { noSuchRun } from '../store/runs.ts';
import { type DeviceOwner, requireAnsweringIdentity } from './answering-identity.ts';
import type { ExchangeDependencies } from './authenticate-run.ts';
import { requireMember } from './authorize.ts';
import { awaitExchange, exchangeError } from './await-exchange.ts';
import { codeContext, enterExchange, requireAwaiting, type SubmittedCode } from './begin-exchange.ts';
import { requireConfirmedDestruction } from './confirm-destruction.ts';
import { refuseWhilePaused } from './operate-queue.ts';
import { type Change, change } from './run-core.ts';
import { sendCode } from './send-code.ts';
import { requireRunToDecide } from './visible-run.ts';

/** What became of one run of a batch. `exchanging`: AWS has not answered in time; the outcome appears on the run. */
export type BatchOutcome = {
  runId: string;
  outcome: 'authenticated' | 'exchanging' | 'failed';
  error?: GatehouseError | undefined;
};

/** `device`: equal where one code, exchanged with one pair of keys, releases both. */
type Ready = { runId: string; device: string; mfaSerial: string; awsIdentityId: string | null; error?: GatehouseError };
type Row = Ready | { runId: string; error: GatehouseError };

/** Which of her devices the code is of; undefined: for each run the one that she answers it with by default. */
type Batch = { organization: string; device?: DeviceOwner | undefined; by: Actor };

/**
 * Releases several waiting runs of one MFA device with one code and one exchange. Each run has its own outcome: one
 * that waits no more does not undo the others. Throws `invalid_request`, naming them, when runs have other devices or
 * keys than the first.
 */
export async function authenticateRuns(
  dependencies: ExchangeDependencies,
  input: Batch & { runIds: readonly string[]; tokenCode: Secret },
): Promise<BatchOutcome[]> {
  const { database, sealer, settings } = dependencies;
  await requireMember(database, input.by, input.organization);
  checkTokenCode(input.tokenCode);
  refuseWhilePaused(database);
  const rows = await Promise.all([...new Set(input.runIds)].map((runId) => lookAt(dependencies, input, runId)));
  const ready = rows.filter((row) => 'device' in row);
  const [first] = ready;
  if (first === undefined) return rows.map(outcomeOf(dependencies, []));
  refuseOtherDevices(ready);
  const fingerprint = sealer.fingerprint(input.tokenCode, codeContext(first.mfaSerial));
  const entered = change(dependencies, (now) => enterAll(now, ready, { fingerprint, by: input.by }));
  const [leader] = entered;
  if (leader !== undefined) {
    await sendCode(dependencies, leader, input.tokenCode);
    await awaitExchange(dependencies, entered, settings.exchangeWaitMs);
  }
  return rows.map(outcomeOf(dependencies, entered));
}

/** Whether the run waits for a code at all, and with which device and keys this person answers it. */
async function lookAt(dependencies: ExchangeDependencies, input: Batch, runId: string): Promise<Row> {
  try {
    const run = requireRunToDecide(dependencies.database, input.by, runId);
    if (run.organization !== input.organization) throw noSuchRun(runId);
    const { phase, challenge } = requireAwaiting(dependencies.database, run, dependencies.clock.now());
    // One that destroys is opened and confirmed by itself, never among others.
    if (phase === 'apply' && !isExtension(challenge)) {
      requireConfirmedDestruction(dependencies.database, run, input.by, undefined);
    }
    const identity = await requireAnsweringIdentity(dependencies, { run, by: input.by, device: input.device });
    const { mfaSerial, awsIdentityId } = identity;
    const secret = dependencies.sealer.fingerprint(identity.secretAccessKey, 'same-aws-keys');
    return { runId, device: `${mfaSerial} ${identity.accessKeyId} ${secret}`, mfaSerial, awsIdentityId };
  } catch (error) {
    return { runId, error: asRowError(error) };
  }
}

function refuseOtherDevices(ready: readonly Ready[]): void {
  const others = ready.filter((row) => row.device !== ready[0]?.device).map((row) => row.runId);
  if (others.length === 0) return;
  throw new GatehouseError(
    'invalid_request',
    `One code releases runs of one MFA device and one access key. These have another than ${ready[0]?.runId}: ` +
      `${others.join(', ')}. Nothing was sent to AWS.`,
    { pointer: '/run-ids' },
  );
}

/** The first that still waits leads the exchange; its gate job carries the code for all. */
function enterAll(
  now: Change,
  ready: readonly Ready[],
  { fingerprint, by }: { fingerprint: string; by: Actor },
): Challenge[] {
  const entered: Challenge[] = [];
  for (const row of ready) {
    try {
      const exchangeId = entered[0]?.exchangeId ?? undefined;
      const { runId, mfaSerial, awsIdentityId } = row;
      const code: SubmittedCode = { mfaSerial, awsIdentityId, fingerprint };
      entered.push(enterExchange(now, { runId, code, by, exchangeId }));
    } catch (error) {
      row.error = asRowError(error);
    }
  }
  return entered;
}

function outcomeOf({ database }: ExchangeDependencies, entered: readonly Challenge[]): (row: Row) => BatchOutcome {
  return ({ runId, error }) => {
    if (error !== undefined) return { runId, outcome: 'failed', error };
    const mine = entered.find((challenge) => challenge.runId === runId);
    const failure = mine && exchangeError(database, mine);
    if (mine === undefined || failure !== undefined) return { runId, outcome: 'failed', error: failure };
    const isDone = findChallenge(database, mine.id)?.state === 'authenticated';
    return { runId, outcome: isDone ? 'authenticated' : 'exchanging' };
  };
}

/** What goes wrong with one run is told in its row; a defect is not. */
function asRowError(error: unknown): GatehouseError {
  if (isGatehouseError(error)) return error;
  throw error;
}
