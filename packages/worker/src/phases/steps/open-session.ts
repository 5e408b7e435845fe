import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { parseIdentity, type Session } from '../../sts/session.ts';
import { sessionWithoutCode } from '../../sts/session-without-code.ts';
import { failed, type Outcome } from '../outcome.ts';
import type { PhaseContext, Step } from '../phase.ts';
import { stopBeforeExpiry } from '../stop-before-expiry.ts';

/** The AWS session of this phase: the one that a code bought, or one that needs none. */
export const openSession: Step = {
  doing: 'getting the AWS session',
  blame: 'session_refused',
  async run(phase) {
    const { claim, log, made, stop, settings } = phase;
    const opened = await sessionFor(phase, claim.aws);
    if (opened === undefined) return undefined;
    if ('kind' in opened) return opened;

    log.mask(opened.secretAccessKey);
    if (opened.sessionToken !== undefined) log.mask(opened.sessionToken);
    const end = opened.expiresAt === undefined ? 'end unknown' : `until ${opened.expiresAt.toISOString()}`;
    log.say(`AWS session ${opened.accessKeyId}, ${end}`);
    stopBeforeExpiry(opened.expiresAt, settings.sessionMarginMs, stop);
    made.session = { current: async () => opened };
    return undefined;
  },
};

async function sessionFor(phase: PhaseContext, aws: PhaseClaim['aws']): Promise<Session | Outcome | undefined> {
  const { claim, sealer, sessions, settings } = phase;
  if (aws.source === 'none') return undefined;
  if (aws.source === 'challenge') return (await sessions.read(claim.runId, claim.phase)) ?? failed('session_lost');

  const identity = parseIdentity(
    await sealer.unsealText(aws.sealedIdentity, sealedContexts.awsIdentity(claim.claimId)),
  );
  phase.log.mask(identity.secretAccessKey);
  const answer = await sessionWithoutCode(settings.sts, identity, aws.session);
  if ('session' in answer) return answer.session;
  return failed('session_refused', `AWS gave no session: ${answer.awsMessage ?? answer.rejection}`);
}
