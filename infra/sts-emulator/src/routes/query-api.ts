import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Action } from '../actions/action.ts';
import { assumeRole } from '../actions/assume-role.ts';
import { getCallerIdentity } from '../actions/get-caller-identity.ts';
import { getSessionToken } from '../actions/get-session-token.ts';
import { authenticate } from '../authenticate.ts';
import type { EmulatorState } from '../emulator-state.ts';
import { readAuthorization, type WireRequest } from '../signature.ts';
import { defaultWrongClockMs, type Fault, takeFaults } from '../state/faults.ts';
import { appendToJournal, type JournalEntry } from '../state/journal.ts';
import { invalidAction, StsError } from '../sts-error.ts';
import { answerXml, errorXml, type XmlTree } from '../xml.ts';
import { actOutFaults } from './act-out-faults.ts';

// AWS's Query protocol: one URL, the action among the form fields, XML back.

const apiVersion = '2011-06-15';
const actions = new Map<string, Action>([
  ['GetSessionToken', getSessionToken],
  ['AssumeRole', assumeRole],
  ['GetCallerIdentity', getCallerIdentity],
]);

type Answer = { statusCode: number; xml: string };

export function registerQueryApi(app: FastifyInstance, state: EmulatorState): void {
  app.register(async (scope) => {
    // The signature covers the bytes of the body, so they are kept as they came.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.route({ method: ['GET', 'POST'], url: '/', handler: (request, reply) => answerCall(state, request, reply) });
  });
}

async function answerCall(state: EmulatorState, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const wire = wireRequest(request);
  const parameters = new URLSearchParams(request.method === 'GET' ? wire.query : wire.body.toString('utf8'));
  const entry = newEntry(parameters.get('Action') ?? '', state.clock());
  const faults = takeFaults(state.faults, entry.action);
  entry.faults = faults.map(({ kind }) => kind);

  const skewMs = faults
    .filter(({ kind }) => kind === 'wrong_clock')
    .reduce((sum, { ms }) => sum + (ms ?? defaultWrongClockMs), 0);
  // The date that goes out is that of the clock which judges: SDKs correct their own clock by it.
  reply.header('date', new Date(state.clock().getTime() + skewMs).toUTCString());

  if (await actOutFaults(when(faults, 'before'), reply, entry.requestId, state.closing)) {
    entry.outcome = 'fault';
    entry.reason = 'fault';
    appendToJournal(state.journal, entry);
    return reply;
  }
  const answer = await carryOut(state, wire, parameters, entry, skewMs);
  appendToJournal(state.journal, entry);
  if (await actOutFaults(when(faults, 'after'), reply, entry.requestId, state.closing)) return reply;
  return reply.status(answer.statusCode).header('x-amzn-requestid', entry.requestId).type('text/xml').send(answer.xml);
}

async function carryOut(
  state: EmulatorState,
  wire: WireRequest,
  parameters: URLSearchParams,
  entry: JournalEntry,
  skewMs: number,
): Promise<Answer> {
  try {
    const result = await callAction(state, wire, parameters, entry, skewMs);
    entry.outcome = 'ok';
    return { statusCode: 200, xml: answerXml(entry.action, result, entry.requestId) };
  } catch (error) {
    if (!(error instanceof StsError)) throw error;
    entry.outcome = error.code;
    entry.reason = error.reason;
    return { statusCode: error.statusCode, xml: errorXml('Sender', error.code, error.message, entry.requestId) };
  }
}

async function callAction(
  state: EmulatorState,
  wire: WireRequest,
  parameters: URLSearchParams,
  entry: JournalEntry,
  skewMs: number,
): Promise<XmlTree> {
  const action = actions.get(entry.action);
  const version = parameters.get('Version') ?? 'NO_VERSION_SPECIFIED';
  if (action === undefined || version !== apiVersion) throw invalidAction(entry.action, version);
  entry.callerAccessKeyId = readAuthorization(wire).accessKeyId;
  const { account, sessions } = state;
  const arrivedAt = state.clock();
  const caller = await authenticate(wire, {
    account,
    sessions,
    now: arrivedAt,
    signatureClock: new Date(arrivedAt.getTime() + skewMs),
  });
  entry.user = caller.arn;
  return action({
    account,
    sessions,
    caller,
    parameters,
    now: state.clock(),
    note: (fields) => Object.assign(entry, fields),
  });
}

function wireRequest(request: FastifyRequest): WireRequest {
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

function newEntry(action: string, at: Date): JournalEntry {
  return {
    at: at.toISOString(),
    requestId: randomUUID(),
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
    faults: [],
  };
}

const when = (faults: Fault[], moment: Fault['when']): Fault[] => faults.filter((fault) => fault.when === moment);
