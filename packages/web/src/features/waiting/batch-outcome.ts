import type { BatchOutcome } from '../../api-client/authenticate.ts';
import type { Wait } from '../../api-client/waits.ts';
import { isCodeProblem, type MfaFacts, wordsOfProblem } from '../mfa/mfa-words.ts';
import type { CodeOutcome } from '../mfa/use-code-sending.ts';

/** A code that released nothing was refused, for the first reason; one that released something was accepted. */
export function refusalOfBatch(
  outcomes: readonly BatchOutcome[],
  facts: MfaFacts,
): Extract<CodeOutcome, { kind: 'refused' }> | undefined {
  if (outcomes.some(({ outcome }) => outcome !== 'failed')) return undefined;
  const error = outcomes.find((outcome) => outcome.error !== undefined)?.error;
  if (error === undefined) return undefined;
  const words =
    error.code !== undefined && isCodeProblem(error.code)
      ? wordsOfProblem(error.code, facts)
      : { title: error.title, body: error.detail };
  return { kind: 'refused', words };
}

/** What became of each row, by the id of its challenge: a run that waits again, for its apply, is another row. */
export type Outcomes = ReadonlyMap<string, { wait: Wait; outcome: BatchOutcome }>;

/** Those of a code that was just sent take the place of the group's old ones. Without an answer of AWS there is none yet. */
export function outcomesAfter(
  before: Outcomes,
  group: readonly Wait[],
  sent: readonly Wait[],
  result: readonly BatchOutcome[],
): Outcomes {
  const old = new Set(group.map(challengeIdOf));
  const kept = [...before].filter(([id]) => !old.has(id));
  const fresh = sent.flatMap((wait) => {
    const outcome = result.find(({ runId }) => runId === wait.runId);
    return outcome === undefined || outcome.outcome === 'exchanging'
      ? []
      : [[challengeIdOf(wait), { wait, outcome }] as const];
  });
  return new Map([...kept, ...fresh]);
}

/** The rows that are shown: what waits, and what the last code ended the wait of, in its old place. */
export function withEnded(waits: readonly Wait[], outcomes: Outcomes): Wait[] {
  const waiting = new Set(waits.map(challengeIdOf));
  const ended = [...outcomes].filter(([id]) => !waiting.has(id)).map(([, { wait }]) => endedWait(wait));
  return [...waits, ...ended].toSorted((a, b) => a.since - b.since);
}

export function challengeIdOf({ mfa, runId }: Wait): string {
  return mfa?.challengeId ?? runId;
}

function endedWait(wait: Wait): Wait {
  return { ...wait, mfa: wait.mfa && { ...wait.mfa, state: 'withdrawn' } };
}
