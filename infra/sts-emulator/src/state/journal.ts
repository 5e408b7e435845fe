import type { RefusalReason } from '../sts-error.ts';

/** One call of one service. Never a secret, a session token or a code. */
export type JournalEntry = {
  at: string;
  requestId: string;
  /** `sts`, `lambda` or `ssm`. */
  service: string;
  action: string;
  /** ARN of the caller; null when the call could not be authenticated. */
  user: string | null;
  /** Key id that the call was signed with, known or not. */
  callerAccessKeyId: string | null;
  /** `ok`, the AWS error code that was answered, or `fault`. */
  outcome: string;
  reason: RefusalReason | null;
  /** Key id of the session that was issued. */
  accessKeyId: string | null;
  durationSeconds: number | null;
  serial: string | null;
  roleArn: string | null;
  roleSessionName: string | null;
  policy: string | null;
  /** AssumeRole: managed session policies; null when the call was refused before they were read. */
  policyArns: string[] | null;
  /** What the session carries, inherited or given: who it was that asked. */
  sourceIdentity: string | null;
  tags: Record<string, string> | null;
  /** Whether IAM saw a code in this call: its own, or that of the session which signed it. */
  mfaPresent: boolean | null;
  /** ARN of what a call of another service than STS was about. */
  resource: string | null;
  /** Kinds of the faults that acted on this call, in order. */
  faults: string[];
};

export type Journal = { entries: JournalEntry[] };

// Enough for a long soak; the oldest go first.
const maximumEntries = 10_000;

export function newEntry(service: string, action: string, at: Date, requestId: string): JournalEntry {
  return {
    at: at.toISOString(),
    requestId,
    service,
    action,
    user: null,
    callerAccessKeyId: null,
    outcome: 'fault',
    reason: null,
    accessKeyId: null,
    durationSeconds: null,
    serial: null,
    roleArn: null,
    roleSessionName: null,
    policy: null,
    policyArns: null,
    sourceIdentity: null,
    tags: null,
    mfaPresent: null,
    resource: null,
    faults: [],
  };
}

export function appendToJournal(journal: Journal, entry: JournalEntry): void {
  journal.entries.push(entry);
  if (journal.entries.length > maximumEntries) journal.entries.shift();
}
