import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { authenticate, type Caller } from '../authenticate.ts';
import type { EmulatorState } from '../emulator-state.ts';
import { readAuthorization, type WireRequest } from '../signature.ts';
import { defaultWrongClockMs, type Fault, takeFaults } from '../state/faults.ts';
import { appendToJournal, type JournalEntry, newEntry } from '../state/journal.ts';
import { StsError } from '../sts-error.ts';
import { actOutFaults } from './act-out-faults.ts';

// What every call of every service goes through: faults, the clock, the signature, the journal.

export type Answer = { statusCode: number; type: string; body: string; headers?: Record<string, string> };

export type CallContext = {
  state: EmulatorState;
  wire: WireRequest;
  caller: Caller;
  region: string;
  now: Date;
  requestId: string;
  note: (fields: Partial<JournalEntry>) => void;
};

/** How one service of AWS names its calls and writes its answers. */
export type Service = {
  /** As in the scope of a signature. */
  name: string;
  /** Throws when there is no such action; asked before the caller is authenticated. */
  checkAction: (wire: WireRequest, action: string) => void;
  carryOut: (context: CallContext, action: string) => Answer;
  writeError: (error: Pick<StsError, 'code' | 'message' | 'statusCode'>, requestId: string) => Answer;
};

export async function answerCall(
  state: EmulatorState,
  service: Service,
  action: string,
  wire: WireRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const entry = newEntry(service.name, action, state.clock(), randomUUID());
  const faults = takeFaults(state.faults, entry.action);
  entry.faults = faults.map(({ kind }) => kind);

  const skewMs = faults
    .filter(({ kind }) => kind === 'wrong_clock')
    .reduce((sum, { ms }) => sum + (ms ?? defaultWrongClockMs), 0);
  // The date that goes out is that of the clock which judges: SDKs correct their own clock by it.
  reply.header('date', new Date(state.clock().getTime() + skewMs).toUTCString());

  const act = (moment: Fault['when']) =>
    actOutFaults(
      faults.filter((fault) => fault.when === moment),
      reply,
      (error) => send(reply, service.writeError(error, entry.requestId), entry.requestId),
      state.closing,
    );
  if (await act('before')) {
    entry.outcome = 'fault';
    entry.reason = 'fault';
    appendToJournal(state.journal, entry);
    return reply;
  }
  const answer = await carryOut(state, service, wire, entry, skewMs);
  appendToJournal(state.journal, entry);
  if (await act('after')) return reply;
  return send(reply, answer, entry.requestId);
}

async function carryOut(
  state: EmulatorState,
  service: Service,
  wire: WireRequest,
  entry: JournalEntry,
  skewMs: number,
): Promise<Answer> {
  try {
    service.checkAction(wire, entry.action);
    const { accessKeyId, region } = readAuthorization(wire);
    entry.callerAccessKeyId = accessKeyId;
    const arrivedAt = state.clock();
    const caller = await authenticate(wire, {
      account: state.account,
      sessions: state.sessions,
      service: service.name,
      now: arrivedAt,
      signatureClock: new Date(arrivedAt.getTime() + skewMs),
    });
    entry.user = caller.arn;
    const note = (fields: Partial<JournalEntry>) => void Object.assign(entry, fields);
    const context = { state, wire, caller, region, now: state.clock(), requestId: entry.requestId, note };
    const answer = service.carryOut(context, entry.action);
    entry.outcome = 'ok';
    return answer;
  } catch (error) {
    if (!(error instanceof StsError)) throw error;
    entry.outcome = error.code;
    entry.reason = error.reason;
    return service.writeError(error, entry.requestId);
  }
}

function send(reply: FastifyReply, answer: Answer, requestId: string): unknown {
  return reply
    .status(answer.statusCode)
    .headers({ ...answer.headers, 'x-amzn-requestid': requestId })
    .type(answer.type)
    .send(answer.body);
}

export function wireRequest(request: FastifyRequest): WireRequest {
  const [path = '/', query = ''] = request.url.split('?');
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : (value ?? ''),
  ]);
  return {
    method: request.method,
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(headers),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}
