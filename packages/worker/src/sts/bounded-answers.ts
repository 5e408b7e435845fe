import { pipeline, Readable, Transform } from 'node:stream';
import type { STSClient } from '@aws-sdk/client-sts';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

/** STS answers with a few KiB; whatever is more is not STS. */
const longestAnswerBytes = 1024 * 1024;

/** The SDK gathers a body in memory for as long as it comes: one without end would take all of the worker's. */
export function boundAnswers(client: STSClient): void {
  client.middlewareStack.add(
    (next) => async (request) => {
      const answer = await next(request);
      const { response } = answer;
      if (typeof response === 'object' && response !== null && 'body' in response && response.body instanceof Readable)
        response.body = bounded(response.body);
      return answer;
    },
    // Before anything reads the body.
    { step: 'deserialize', priority: 'low', name: 'boundedAnswers' },
  );
}

function bounded(body: Readable): Readable {
  let total = 0;
  const limit = new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      total += piece.length;
      if (total <= longestAnswerBytes) done(null, piece);
      else done(new GatehouseError('sts_unreachable', 'What answers in place of STS does not end its answer.'));
    },
  });
  // Whoever reads the body hears of the error.
  return pipeline(body, limit, () => {});
}
