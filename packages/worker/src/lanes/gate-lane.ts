import { parseCheckJobId, parseGateJobId, queues } from '@gatehouse/shared/jobs';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Secret } from '@gatehouse/shared/secret';
import { type ChallengeClaim, sealedContexts } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import type { WorkerApi } from '../api-client/worker-api-client.ts';
import { type Exchanged, exchangeCode } from '../sts/exchange-code.ts';
import { parseIdentity } from '../sts/session.ts';
import type { SessionStore } from '../sts/session-store.ts';
import type { StsOptions } from '../sts/sts-client.ts';
import { carryOutCheck } from './carry-out-check.ts';
import { type Lane, startLane } from './lane.ts';
import type { Reporter } from './reporter.ts';
import { takeCode } from './take-code.ts';

export type GateDependencies = {
  redis: Redis;
  sealer: Sealer;
  api: Pick<WorkerApi, 'claimChallenge' | 'claimCheck'>;
  sessions: SessionStore;
  reporter: Reporter;
  sts: StsOptions;
  logger: Logger;
};

/** Each job is one small exchange, mostly waiting: many at a time, and never behind a run. */
const concurrency = 64;

export function startGateLane(redisUrl: string, dependencies: GateDependencies): Lane {
  return startLane({
    redisUrl,
    queue: queues.gate,
    concurrency,
    logger: dependencies.logger,
    work: (jobId) => passGate(dependencies, jobId),
  });
}

/**
 * A check of a set-up is to be carried out; or a challenge woke: by a code, which is taken (once, whoever else asks) and
 * spent at STS, or by its deadline. Never throws for what can be reported: somebody waits for the answer.
 */
export async function passGate(dependencies: GateDependencies, jobId: string): Promise<void> {
  const { api, reporter, logger } = dependencies;
  const toCheck = parseCheckJobId(jobId);
  if (toCheck !== undefined) return carryOutCheck(dependencies, toCheck.checkId);
  const woken = parseGateJobId(jobId);
  if (woken === undefined) return logger.warn({ jobId }, 'a gate job with a foreign id was dropped');

  const taken = await takeCode(dependencies, woken.challengeId, woken.attempt);
  if (taken === 'none') return reporter.report({ type: 'challenge_woke', ...woken });
  const lost = () => reporter.report({ type: 'mfa_rejected', ...woken, rejection: 'mfa_code_lost' });
  if (taken === 'unreadable') return lost();

  try {
    const claim = await api.claimChallenge(woken.challengeId, woken.attempt);
    if (claim === undefined) return logger.info(woken, 'nothing is to be exchanged for this challenge any more');
    await exchange(dependencies, claim, woken.challengeId, taken);
  } catch (error) {
    logger.error({ err: error, ...woken }, 'a code could not be exchanged');
    await lost();
  }
}

async function exchange(
  { sealer, sts, sessions, reporter, logger }: GateDependencies,
  claim: ChallengeClaim,
  challengeId: string,
  code: Secret,
): Promise<void> {
  const identity = parseIdentity(
    await sealer.unsealText(claim.sealedIdentity, sealedContexts.awsIdentity(challengeId)),
  );
  const wishes = claim.targets.map(({ session }) => session);
  const startedAt = performance.now();
  const answers = await exchangeCode(sts, identity, { serial: claim.mfaSerial, code }, wishes);
  logger.info(
    { challengeId, targets: wishes.length, stsMs: Math.round(performance.now() - startedAt) },
    'code exchanged',
  );
  await Promise.all(
    claim.targets.map(async (target, index) => {
      const { runId, phase } = target.session;
      const answer: Exchanged = answers[index] ?? { rejection: 'sts_unreachable' };
      const attempt = { challengeId: target.challengeId, attempt: target.attempt };
      if ('rejection' in answer) return reporter.report({ type: 'mfa_rejected', ...attempt, ...answer });
      // The session first: whoever reads the report may queue the phase at once.
      await sessions.put(runId, phase, answer.session);
      const { accessKeyId, expiresAt } = answer.session;
      return reporter.report({
        type: 'mfa_authenticated',
        ...attempt,
        accessKeyId,
        expiresAt: expiresAt.toISOString(),
        ...(answer.trust === undefined ? {} : { trust: answer.trust }),
      });
    }),
  );
}
