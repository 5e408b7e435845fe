import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { defaultDelayMs, type Fault } from '../state/faults.ts';
import { errorXml } from '../xml.ts';

/** Does what the faults ask for, oldest first; true when one of them has answered (or cut) the call. */
export async function actOutFaults(
  faults: Fault[],
  reply: FastifyReply,
  requestId: string,
  closing: AbortSignal,
): Promise<boolean> {
  for (const { kind, ms } of faults) {
    if (kind === 'delay') {
      // An emulator that closes does not wait for its delays.
      await wait(Math.max(0, ms ?? defaultDelayMs), undefined, { signal: closing }).catch(() => undefined);
      continue;
    }
    if (kind === 'wrong_clock') continue;
    if (kind === 'refuse_connection') {
      reply.hijack();
      reply.raw.socket?.destroy();
      return true;
    }
    const { statusCode, type, body } = answers[kind](requestId);
    reply.status(statusCode).header('x-amzn-requestid', requestId).type(type).send(body);
    return true;
  }
  return false;
}

const answers = {
  server_error: (requestId: string) => ({
    statusCode: 500,
    type: 'text/xml',
    body: errorXml('Receiver', 'InternalFailure', 'We encountered an internal error. Please try again.', requestId),
  }),
  throttle: (requestId: string) => ({
    statusCode: 400,
    type: 'text/xml',
    body: errorXml('Sender', 'Throttling', 'Rate exceeded', requestId),
  }),
  // As from a captive portal or a broken proxy: a cheerful 200 that is not STS.
  garbage: () => ({
    statusCode: 200,
    type: 'text/html',
    body: '<html><body><h1>It works!</h1><p>unclosed & broken',
  }),
};
