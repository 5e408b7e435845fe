import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { parseIdentity } from '../../sts/session.ts';
import { sessionWithoutCode } from '../../sts/session-without-code.ts';
import type { Rejection } from '../../sts/sts-rejections.ts';
import { LiveSession, type NextSession, type Opened } from '../live-session.ts';
import { failed, type Outcome } from '../outcome.ts';
import type { PhaseContext, Step } from '../phase.ts';

/** The AWS session of this phase: the one that a code bought, or one that needs none; and where the next comes from. */
export const openSession: Step = {
  doing: 'getting the AWS session',
  blame: 'session_refused',
  async run(phase) {
    const { claim, log, logger, made, stop, settings, report, sessions } = phase;
    const opened = await sessionFor(phase, claim.aws);
    if (opened === undefined) return undefined;
    if ('kind' in opened) return opened;

    const marginMs = settings.sessionMarginMs;
    const session = new LiveSession({ claim, marginMs, stop, log, logger, report, next: nextSession(phase) });
    session.adopt(opened);
    made.session = session;
    stop.onRevoked(() => {
      sessions
        .drop(claim.runId, claim.phase)
        .catch((error: unknown) => logger.error({ err: error }, 'a revoked session could not be dropped'));
    });
    if (claim.awsDelivery === 'environment') sayThatItEnds(phase, opened.session.expiresAt);
    return undefined;
  },
};

async function sessionFor(phase: PhaseContext, aws: PhaseClaim['aws']): Promise<Opened | Outcome | undefined> {
  if (aws.source === 'none') return undefined;
  if (aws.source === 'challenge') return paidSession(phase);
  const answer = await askWithoutCode(phase, aws);
  if ('session' in answer) return answer;
  return failed('session_refused', `AWS gave no session: ${answer.awsMessage ?? answer.rejection}`);
}

async function paidSession({ claim, sessions }: PhaseContext): Promise<Opened | Outcome> {
  const session = await sessions.read(claim.runId, claim.phase);
  return session === undefined ? failed('session_lost') : { session };
}

function nextSession(phase: PhaseContext): NextSession {
  const { claim, sessions } = phase;
  const { aws } = claim;
  // What a process was given in its environment stays there.
  if (claim.awsDelivery === 'environment' || aws.source === 'none') return { by: 'nothing' };
  if (aws.source === 'challenge') return { by: 'code', read: () => sessions.read(claim.runId, claim.phase) };
  return { by: 'renewal', ask: () => askWithoutCode(phase, aws) };
}

/** The long-lived keys are opened for each call and not kept. */
async function askWithoutCode(
  { claim, sealer, settings, log }: PhaseContext,
  aws: Extract<PhaseClaim['aws'], { source: 'keys' }>,
): Promise<Opened | Rejection> {
  const identity = parseIdentity(
    await sealer.unsealText(aws.sealedIdentity, sealedContexts.awsIdentity(claim.claimId)),
  );
  log.mask(identity.secretAccessKey);
  return sessionWithoutCode(settings.sts, identity, aws.session);
}

function sayThatItEnds({ claim, log }: PhaseContext, expiresAt: Date | undefined): void {
  if (expiresAt === undefined || expiresAt.getTime() >= Date.now() + claim.timeoutMs) return;
  log.say('terraform has this session in its environment, where it cannot be extended or renewed while it runs.');
}
