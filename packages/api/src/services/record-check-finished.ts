import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import { completeResults } from '../domain/aws-check.ts';
import { findCheck, finishCheck } from '../store/aws-checks.ts';
import type { Change } from './run-core.ts';

type Report = Extract<WorkerReport, { type: 'check_finished' }>;

/** A worker has asked AWS. A report of a check that nobody claimed, or that is over, changes nothing. */
export function recordCheckFinished({ transaction, at }: Change, report: Report): void {
  const check = findCheck(transaction, report.checkId);
  if (check?.state !== 'claimed') return;
  const results = completeResults(check.subject, report.results, 'The worker did not get to it.');
  const findings = { arn: report.arn ?? null, results };
  finishCheck(transaction, { id: check.id, from: ['claimed'], findings, at });
}
