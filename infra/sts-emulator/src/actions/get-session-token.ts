import { checkParameters, parameter } from '../query-parameters.ts';
import { newSessionKeys, storeSession, type UserSession } from '../state/sessions.ts';
import { accessDenied } from '../sts-error.ts';
import type { XmlTree } from '../xml.ts';
import type { ActionContext } from './action.ts';
import { credentialsXml } from './credentials-xml.ts';
import { mfaConstraints, verifyMfa } from './verify-mfa.ts';

const maximumSeconds = 129_600;
const defaultSeconds = 43_200;

export function getSessionToken(context: ActionContext): XmlTree {
  const { account, sessions, caller, parameters, now, note } = context;
  checkParameters(parameters, {
    DurationSeconds: { minimum: account.minimumSessionSeconds, maximum: maximumSeconds },
    ...mfaConstraints,
  });
  const durationSeconds = Number(parameter(parameters, 'DurationSeconds') ?? defaultSeconds);
  note({ durationSeconds });
  if (caller.kind === 'session') {
    throw accessDenied('Cannot call GetSessionToken with session credentials', 'session_credentials');
  }
  const withMfa = verifyMfa(context, caller.user);
  const session: UserSession = {
    kind: 'user',
    ...newSessionKeys(now, account.sessionSeconds ?? durationSeconds),
    user: caller.user,
    issuedTo: caller.accessKeyId,
    ...(withMfa ? { mfaAuthenticatedAt: now, serial: parameters.get('SerialNumber') ?? '' } : {}),
  };
  storeSession(sessions, session, now);
  note({ accessKeyId: session.accessKeyId });
  return { Credentials: credentialsXml(session) };
}
