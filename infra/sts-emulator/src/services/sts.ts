import type { Action } from '../actions/action.ts';
import { assumeRole } from '../actions/assume-role.ts';
import { getCallerIdentity } from '../actions/get-caller-identity.ts';
import { getSessionToken } from '../actions/get-session-token.ts';
import type { Service } from '../routes/answer-call.ts';
import type { WireRequest } from '../signature.ts';
import { invalidAction } from '../sts-error.ts';
import { answerXml, errorXml } from '../xml.ts';

// AWS's Query protocol: one URL, the action among the form fields, XML back.

const apiVersion = '2011-06-15';
const actions = new Map<string, Action>([
  ['GetSessionToken', getSessionToken],
  ['AssumeRole', assumeRole],
  ['GetCallerIdentity', getCallerIdentity],
]);

export const stsAction = (wire: WireRequest): string => parametersOf(wire).get('Action') ?? '';

export const sts: Service = {
  name: 'sts',
  checkAction: (wire, action) => {
    const version = parametersOf(wire).get('Version') ?? 'NO_VERSION_SPECIFIED';
    if (!actions.has(action) || version !== apiVersion) throw invalidAction(action, version);
  },
  carryOut: ({ state, wire, caller, now, requestId, note }, name) => {
    const action = actions.get(name);
    if (action === undefined) throw invalidAction(name, apiVersion);
    const { account, sessions } = state;
    const result = action({ account, sessions, caller, parameters: parametersOf(wire), now, note });
    return { statusCode: 200, type: 'text/xml', body: answerXml(name, result, requestId) };
  },
  writeError: ({ code, message, statusCode }, requestId) => ({
    statusCode,
    type: 'text/xml',
    body: errorXml(statusCode < 500 ? 'Sender' : 'Receiver', code, message, requestId),
  }),
};

function parametersOf({ method, query, body }: WireRequest): URLSearchParams {
  return new URLSearchParams(method === 'GET' ? query : body.toString('utf8'));
}
