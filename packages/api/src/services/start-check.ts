import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Redis } from '@gatehouse/shared/redis';
import type { Secret } from '@gatehouse/shared/secret';
import type { Actor } from '../domain/actor.ts';
import { type CheckSubject, completeResults } from '../domain/aws-check.ts';
import type { RunChanges } from '../queue/run-changes.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { layTokenCode } from '../queue/sealed-keys.ts';
import { recordAudit } from '../store/audit.ts';
import { type AwsCheck, findCheck, finishCheck, insertCheck, isOver } from '../store/aws-checks.ts';
import { awaitOutcome } from './await-outcome.ts';
import { type AwsKeys, sealAwsKeys } from './aws-variables.ts';
import { noteCodeGuess, refuseGuesser } from './guess-limits.ts';
import { type Change, change, type RunCore } from './run-core.ts';

export type CheckDependencies = RunCore & {
  redis: Redis;
  queue: Pick<RunQueue, 'queueCheck'>;
  changes: Pick<RunChanges, 'subscribe'>;
};

/** `audit`: who asked for it, where it is a deed of its own. */
export type NewCheck = { id: string; organization: string; requestedBy: string; subject: CheckSubject; audit?: Actor };

/** Has a worker ask AWS. Throws `aws_check_unanswered` where it cannot be told to any, and for a code `too_many_requests`. */
export async function startCheck(
  dependencies: CheckDependencies,
  check: NewCheck,
  secrets: { keys: AwsKeys; tokenCode?: Secret | undefined },
): Promise<AwsCheck> {
  const { sealer, queue } = dependencies;
  const { id } = check;
  const sealedIdentity = await sealAwsKeys(sealer, secrets.keys, id);
  const started = change(dependencies, (now) => insert(now, check, sealedIdentity));
  try {
    // First the code, then the job, so that whoever takes it finds it.
    if (secrets.tokenCode) await layTokenCode(dependencies, { challengeId: id, attempt: 0 }, secrets.tokenCode);
    await queue.queueCheck(id);
  } catch (cause) {
    closeCheck(dependencies, started, 'No worker could be told of the check.');
    throw new GatehouseError(
      'aws_check_unanswered',
      'No worker can be told of the check, since Redis does not answer. An operator looks at the log of the api.',
      { cause },
    );
  }
  return started;
}

/** Keeps what could be told without AWS, which it makes no sense to ask. */
export function recordUnasked(core: Omit<RunCore, 'sealer'>, check: NewCheck): AwsCheck {
  return change(core, (now) => {
    const unasked = insert(now, check, null);
    const reason = 'AWS was not asked: what is wrong with the variables comes first.';
    return finish(now, unasked, reason) ?? unasked;
  });
}

function insert(change: Change, check: NewCheck, sealedIdentity: string | null): AwsCheck {
  const { transaction, at } = change;
  const { audit, ...values } = check;
  const { id, organization, subject, requestedBy: userId } = check;
  if (subject.code !== null && subject.mfaSerial !== null) {
    // What a check finds tells a right code from a wrong one: it is no way around the limits of runs.
    const { mfaSerial } = subject;
    refuseGuesser(change, { mfaSerial, userId });
    noteCodeGuess(change, { id, mfaSerial, userId });
  }
  if (audit !== undefined) {
    const { identity, workspaceId, accessKeyId, code } = subject;
    recordAudit(transaction, {
      organization,
      actor: audit,
      action: 'aws_setup.checked',
      targetType: 'aws-checks',
      targetId: id,
      details: { identity, workspaceId, accessKeyId, withCode: code !== null },
      at,
    });
  }
  return insertCheck(transaction, { ...values, sealedIdentity, createdAt: at });
}

function finish({ transaction, at }: Change, check: AwsCheck, reason: string): AwsCheck | undefined {
  const findings = { arn: null, results: completeResults(check.subject, [], reason) };
  return finishCheck(transaction, { id: check.id, from: ['waiting', 'claimed'], findings, at });
}

/** Waits for a worker's report; answers the check as it is then, also where that is not finished. */
export async function awaitCheck(
  { database, changes, settings }: CheckDependencies,
  started: AwsCheck,
): Promise<AwsCheck> {
  const now = () => findCheck(database, started.id) ?? started;
  await awaitOutcome(changes, {
    ids: [started.id],
    isOver: () => isOver(now()),
    timeoutMs: settings.exchangeWaitMs,
  });
  return now();
}

/** Ends a check that no worker answers: the keys are forgotten, and what was not asked is told with the reason. */
export function closeCheck(core: Omit<RunCore, 'sealer'>, check: AwsCheck, reason: string): void {
  change(core, (now) => finish(now, check, reason));
}
