import { inOrder, type Step, together } from '../phase.ts';
import { enterSandbox } from './enter-sandbox.ts';
import { openSession } from './open-session.ts';

/**
 * The session, the sandbox and its first command. Side by side, since AWS takes its time, unless commands get the session
 * in their environment: then it comes first.
 */
export function prepareSandbox(prepareFirst: Step): Step {
  const withSandbox = inOrder('making the first sandbox', enterSandbox, prepareFirst);
  const beside = together('preparing the sandbox', openSession, withSandbox);
  const after = inOrder('preparing the sandbox', openSession, withSandbox);
  return {
    doing: 'preparing the session and the sandbox',
    run: (phase) => (phase.claim.awsDelivery === 'environment' ? after : beside).run(phase),
  };
}
