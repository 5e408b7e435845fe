import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Secret } from '@gatehouse/shared/secret';
import { phaseClaimRequest } from '@gatehouse/shared/worker-api';
import { expect, onTestFinished, test } from 'vitest';
import { createWorkerApi } from '../../src/api-client/worker-api-client.ts';

test('a claim of a phase that is asked again has the same id; the next one has another', async () => {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    asked.push(await json(request));
    // The first answer gets lost.
    if (asked.length === 1) response.destroy();
    else response.writeHead(409).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const api = createWorkerApi({
    apiUrl: `http://127.0.0.1:${port}`,
    workerToken: new Secret('the-worker-token'),
    workerId: 'worker-1',
  });

  expect(await api.claimPhase('run-1', 'plan')).toBeUndefined();
  expect(await api.claimPhase('run-1', 'plan')).toBeUndefined();
  const [lost, repeated, next] = asked.map((body) => phaseClaimRequest.parse(body).claimId);
  expect(repeated).toBe(lost);
  expect(next).not.toBe(lost);
});
