import { skipped } from '@gatehouse/shared/aws-findings';
import type { CheckClaim } from '@gatehouse/shared/check-claim';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import type { WorkerApi } from '../api-client/worker-api-client.ts';
import { checkSetup, type SetUpAnswer } from '../sts/check-setup.ts';
import { parseIdentity } from '../sts/session.ts';
import type { StsOptions } from '../sts/sts-client.ts';
import type { Reporter } from './reporter.ts';
import { takeCode } from './take-code.ts';

export type CheckDependencies = {
  redis: Redis;
  sealer: Sealer;
  api: Pick<WorkerApi, 'claimCheck'>;
  reporter: Reporter;
  sts: StsOptions;
  logger: Logger;
};

/** Asks AWS what a set-up check is to find out, and reports it. Never throws: somebody waits for the answer. */
export async function carryOutCheck(dependencies: CheckDependencies, checkId: string): Promise<void> {
  const { api, reporter, logger } = dependencies;
  const code = await takeCode(dependencies, checkId, 0);
  try {
    const claim = await api.claimCheck(checkId);
    if (claim === undefined) return logger.info({ checkId }, 'nobody waits for this check any more');
    const answer = await ask(dependencies, checkId, claim, code instanceof Secret ? code : undefined);
    await reporter.report({ type: 'check_finished', checkId, ...answer });
  } catch (error) {
    logger.error({ err: error, checkId }, 'a set-up check could not be carried out');
    await reporter.report({ type: 'check_finished', checkId, results: [] });
  }
}

async function ask(
  { sealer, sts, logger }: CheckDependencies,
  checkId: string,
  claim: CheckClaim,
  code: Secret | undefined,
): Promise<SetUpAnswer> {
  const { sealedIdentity, mfaSerial, role, hasCode } = claim;
  const identity = parseIdentity(await sealer.unsealText(sealedIdentity, sealedContexts.awsIdentity(checkId)));
  const startedAt = performance.now();
  const answer = await checkSetup(sts, { identity, mfaSerial, role, code });
  logger.info({ checkId, stsMs: Math.round(performance.now() - startedAt) }, 'set-up checked');
  if (!hasCode || code !== undefined) return answer;
  const lost = skipped('device', 'The code got lost before it reached AWS. Check again with the next one.');
  return { ...answer, results: [...answer.results, lost] };
}
