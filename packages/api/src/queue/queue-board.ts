import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { type ErrorCode, errorCodes } from '@gatehouse/shared/error-codes';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { queues } from '@gatehouse/shared/jobs';
import type { RedisAddress } from '@gatehouse/shared/redis';
import { Queue } from 'bullmq';
import type { FastifyPluginCallback } from 'fastify';
import { bullmqConnection } from './bullmq-connection.ts';

export type QueueBoard = { plugin: FastifyPluginCallback; close(): Promise<void> };

/**
 * Bull Board on the raw queues. Read-only: its "promote" and "retry" would go round the gate. Jobs hold nothing but
 * their ids, and reports are sealed, so it shows no secret.
 */
export function openQueueBoard(
  address: RedisAddress,
  { basePath, onError }: { basePath: string; onError: (error: Error) => void },
): QueueBoard {
  const connection = bullmqConnection(address, 1);
  const opened = Object.values(queues).map((name) => new Queue(name, { connection }));
  for (const queue of opened) queue.on('error', onError);
  const adapter = new FastifyAdapter().setBasePath(basePath);
  createBullBoard({
    queues: opened.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Gatehouse, raw queues' } },
  });
  // What is refused before the board, by the scope that it is registered in, is answered through this too.
  adapter.setErrorHandler((error) => {
    const code = codeOf(error);
    const { status, title } = errorCodes[code];
    const detail = code === 'internal' ? 'The raw queues cannot be read at the moment.' : error.message;
    // Its type lists the statuses of its own answers; whatever number comes is sent.
    return { status: status as 500, body: { errors: [{ status: String(status), code, title, detail }] } };
  });
  return {
    plugin: adapter.registerPlugin(),
    async close() {
      await Promise.all(opened.map((queue) => queue.close()));
    },
  };
}

/** A request that Fastify itself cannot take, such as a body of another kind, is no failure of the queues. */
function codeOf(error: Error & { statusCode?: number }): ErrorCode {
  if (isGatehouseError(error)) return error.code;
  if (error.statusCode === 415) return 'unsupported_media_type';
  return error.statusCode !== undefined && error.statusCode < 500 ? 'invalid_request' : 'internal';
}
