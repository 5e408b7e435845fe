import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import type { Redis } from '@gatehouse/shared/redis';
import type { Secret } from '@gatehouse/shared/secret';
import { type CheckSubject, completeResults } from '../domain/aws-check.ts';
import type { RunChanges } from '../queue/run-changes.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { layTokenCode } from '../queue/sealed-keys.ts';
import { type AwsCheck, findCheck, finishCheck, insertCheck, isOver } from '../store/aws-checks.ts';
import { awaitOutcome } from './await-outcome.ts';
import { type AwsKeys, sealAwsKeys } from './aws-variables.ts';
import { change, type RunCore } from './run-core.ts';

export type CheckDependencies = RunCore & {
  redis: Redis;
  queue: Pick<RunQueue, 'queueCheck'>;
  changes: Pick<RunChanges, 'subscribe'>;
};

export type NewCheck = { organization: string; requestedBy: string; subject: CheckSubject };

/** Has a worker ask AWS. Throws `aws_check_unanswered` where it cannot be told to any. */
export async function startCheck(
  dependencies: CheckDependencies,
  check: NewCheck,
  secrets: { keys: AwsKeys; tokenCode?: Secret | undefined },
): Promise<AwsCheck> {
  const { sealer, queue } = dependencies;
  const id = newId('awsCheck');
  const sealedIdentity = await sealAwsKeys(sealer, secrets.keys, id);
  const started = change(dependencies, ({ transaction, at }) =>
    insertCheck(transaction, { ...check, id, sealedIdentity, createdAt: at }),
  );
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
  change(core, ({ transaction, at }) => {
    const findings = { arn: null, results: completeResults(check.subject, [], reason) };
    finishCheck(transaction, { id: check.id, from: ['waiting', 'claimed'], findings, at });
  });
}
