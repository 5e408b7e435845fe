import type { STSClient } from '@aws-sdk/client-sts';

/** When an answer of STS came, by our clock and by its own. */
export type AnswerTimes = { sentAtMs: number; receivedAtMs: number; dateHeader: string | undefined };

/**
 * Tells of each answer before the SDK has looked at it: the SDK corrects itself by the `Date` header, and what it then
 * shows is right however wrong our clock is.
 */
export function onEachAnswer(client: STSClient, tell: (times: AnswerTimes) => void): void {
  client.middlewareStack.add(
    (next) => async (request) => {
      const sentAtMs = Date.now();
      const answer = await next(request);
      tell({ sentAtMs, receivedAtMs: Date.now(), dateHeader: dateOf(answer.response) });
      return answer;
    },
    // Innermost: nothing stands between this and the connection, so that only the way there and back is measured.
    { step: 'deserialize', priority: 'low', name: 'answerTimes' },
  );
}

/**
 * How far our clock is ahead of AWS's (ms; negative: behind), half of the way there and back allowed for. Undefined when
 * the answer tells no time.
 */
export function clockAheadMs({ sentAtMs, receivedAtMs, dateHeader }: AnswerTimes): number | undefined {
  const theirs = Date.parse(dateHeader ?? '');
  if (Number.isNaN(theirs)) return undefined;
  // The header has whole seconds, cut off: half a second more is its middle.
  return (sentAtMs + receivedAtMs) / 2 - (theirs + 500);
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
