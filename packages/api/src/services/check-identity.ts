import { type CheckProbe, type CheckResult, titleOf } from '@gatehouse/shared/aws-findings';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import type { Secret } from '@gatehouse/shared/secret';
import { type CheckSubject, lookAtKeys } from '../domain/aws-check.ts';
import { awaitCheck, type CheckDependencies, closeCheck, startCheck } from './start-check.ts';

export type CandidateIdentity = {
  accessKeyId: string;
  secretAccessKey: Secret;
  sessionToken?: Secret | undefined;
};

/**
 * Asks AWS, through a worker, whether keys are valid and the MFA device belongs to them, before they are kept anywhere:
 * they lie sealed in the check's row until a worker takes them. Answers who they are. Throws `aws_identity_refused`,
 * which names what is wrong and what to do, and `aws_check_unanswered` when no worker answers in time.
 */
export async function checkIdentity(
  dependencies: CheckDependencies,
  input: {
    organization: string;
    /** Id of the user who asks. */
    requestedBy: string;
    identity: CandidateIdentity;
    mfaSerial: string;
  },
): Promise<{ arn: string; results: CheckResult[] }> {
  const { organization, requestedBy, identity } = input;
  const { accessKeyId, sessionToken } = identity;
  const seen = lookAtKeys({
    missing: [],
    accessKeyId,
    mfaSerial: input.mfaSerial,
    hasSessionToken: sessionToken !== undefined,
  });
  refuseFailed(seen.results);
  const subject: CheckSubject = {
    identity: 'own',
    workspaceId: null,
    accessKeyId,
    mfaSerial: seen.mfaSerial,
    role: null,
    code: null,
    results: seen.results,
  };
  const keys = { ...identity, sessionToken };
  const id = newId('awsCheck');
  const started = await startCheck(dependencies, { id, organization, requestedBy, subject }, { keys });
  const check = await awaitCheck(dependencies, started);
  if (check.findings === null) {
    closeCheck(dependencies, check, 'No worker answered in time.');
    throw unanswered();
  }
  const { arn, results } = check.findings;
  refuseFailed(results);
  const isProven = (probe: CheckProbe) => results.some((result) => result.probe === probe && isGood(result));
  if (arn === null || !isProven('keys') || !isProven('device')) throw unanswered();
  return { arn, results };
}

function refuseFailed(results: readonly CheckResult[]): void {
  const failed = results.find(({ outcome }) => outcome === 'failed');
  if (failed === undefined) return;
  throw new GatehouseError('aws_identity_refused', `${titleOf(failed)}. ${failed.detail}`);
}

function isGood({ outcome }: CheckResult): boolean {
  return outcome === 'passed' || outcome === 'warned';
}

function unanswered(): GatehouseError {
  return new GatehouseError(
    'aws_check_unanswered',
    'No worker answered in time whether AWS knows these keys, so they were not kept. Look whether a worker runs, and try again.',
  );
}
