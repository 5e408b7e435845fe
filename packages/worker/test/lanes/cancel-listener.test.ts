import { randomBytes } from 'node:crypto';
import { newId } from '@gatehouse/shared/ids';
import { cancelChannel } from '@gatehouse/shared/jobs';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import type { PhaseMessage } from '@gatehouse/shared/worker-api';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
// The other end of the channel: what it sends is to be what is heard here.
import { sendPhaseMessage } from '../../../api/src/queue/sealed-keys.ts';
import { createCancelListener, type HeardMessage } from '../../src/lanes/cancel-listener.ts';
import { type RedisServer, startRedis } from '../surroundings/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

async function setup() {
  const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
  const logger = pino({ level: 'silent' });
  const listener = createCancelListener({ subscriber: server.connect(), sealer, logger });
  const runId = newId('run');
  const channel = cancelChannel(runId, 'apply');
  const heard: HeardMessage[] = [];
  const unlisten = await listener.listen(runId, 'apply', (message) => heard.push(message));
  const publish = async (text: string, sealedFor = channel) =>
    server.redis.publish(channel, await sealer.seal(text, sealedFor));
  const send = (message: PhaseMessage) => sendPhaseMessage({ redis: server.redis, sealer }, runId, 'apply', message);
  return { heard, publish, unlisten, channel, send };
}

test('what the api sends is heard: a wish to stop comes with its cause, a plain one is a cancellation; news is news', async () => {
  const { heard, send } = await setup();
  await send({ mode: 'interrupt' });
  await send({ mode: 'kill', cause: 'session_revoked' });
  await send({ news: true });
  await vi.waitFor(() =>
    expect(heard).toEqual([
      { mode: 'interrupt', cause: 'canceled' },
      { mode: 'kill', cause: 'session_revoked' },
      { news: true },
    ]),
  );
});

test('what is forged, sealed for another phase, or no message is passed over', async () => {
  const { heard, publish, send, channel } = await setup();
  await server.redis.publish(channel, '{"mode":"kill"}');
  await publish('{"mode":"kill"}', cancelChannel(newId('run'), 'apply'));
  for (const text of ['interrupt', '"interrupt"', '{"mode":"sleep"}', '{"mode":"kill","cause":"x"}', '{"news":false}'])
    await publish(text);
  await send({ news: true });
  await vi.waitFor(() => expect(heard).toEqual([{ news: true }]));
});

test('after the phase nothing is heard', async () => {
  const { heard, send, unlisten } = await setup();
  await unlisten();
  await send({ news: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toEqual([]);
});
