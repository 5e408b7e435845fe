import { checkParameters, parameter } from '../query-parameters.ts';
import { newSessionKeys, storeSession, type UserSession } from '../state/sessions.ts';
import { accessDenied } from '../sts-error.ts';
import type { XmlTree } from '../xml.ts';
import type { ActionContext } from './action.ts';
import { credentialsXml } from './credentials-xml.ts';
import { mfaConstraints, verifyMfa } from './verify-mfa.ts';

const maximumSeconds = 129_600;
const defaultSeconds = 43_200;
// API reference of GetSessionToken: an account owner who asks for more gets one hour.
const rootMaximumSeconds = 3_600;

export function getSessionToken(context: ActionContext): XmlTree {
  const { account, sessions, caller, parameters, now, note } = context;
  checkParameters(parameters, {
    DurationSeconds: { minimum: account.minimumSessionSeconds, maximum: maximumSeconds },
    ...mfaConstraints,
  });
  const askedSeconds = Number(parameter(parameters, 'DurationSeconds') ?? defaultSeconds);
  const isRoot = caller.kind === 'keys' && caller.user.isRoot;
  const durationSeconds = isRoot ? Math.min(askedSeconds, rootMaximumSeconds) : askedSeconds;
  note({ durationSeconds });
  if (caller.kind === 'session') {
    throw accessDenied('Cannot call GetSessionToken with session credentials', 'session_credentials');
  }
  const withMfa = verifyMfa(context, caller.user);
  note({ mfaPresent: withMfa });
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
