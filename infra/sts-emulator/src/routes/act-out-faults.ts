import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { defaultDelayMs, type Fault } from '../state/faults.ts';
import type { StsError } from '../sts-error.ts';

type Refuse = (error: Pick<StsError, 'code' | 'message' | 'statusCode'>) => unknown;

/** Does what the faults ask for, oldest first; true when one of them has answered (or cut) the call. */
export async function actOutFaults(
  faults: Fault[],
  reply: FastifyReply,
  refuse: Refuse,
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
    if (kind === 'garbage') sendGarbage(reply);
    else refuse(errors[kind]);
    return true;
  }
  return false;
}

const errors = {
  server_error: {
    statusCode: 500,
    code: 'InternalFailure',
    message: 'We encountered an internal error. Please try again.',
  },
  throttle: { statusCode: 400, code: 'Throttling', message: 'Rate exceeded' },
};

/** As from a captive portal or a broken proxy: a cheerful 200 that is not AWS. */
function sendGarbage(reply: FastifyReply): void {
  reply.status(200).type('text/html').send('<html><body><h1>It works!</h1><p>unclosed & broken');
}
