import { inOrder, type Step, together } from '../phase.ts';
import { enterSandbox } from './enter-sandbox.ts';
import { openSession } from './open-session.ts';

/**
 * The sandbox with its first command, the session, and `beside`, which lays out what the command finds. The sandbox is
 * begun before all else: it takes longest to come up, in processes of its own. But for commands that get the session in
 * their environment: AWS takes its time, and all that does not need the session goes on meanwhile.
 */
export function prepareSandbox(prepareFirst: Step, ...beside: Step[]): Step {
  const doing = 'getting ready';
  const sandbox = [enterSandbox, prepareFirst];
  const sandboxFirst = inOrder(doing, ...sandbox, together('laying out', openSession, ...beside));
  const sessionFirst = together(doing, inOrder('preparing the sandbox', openSession, ...sandbox), ...beside);
  return {
    doing,
    run: (phase) => (phase.claim.awsDelivery === 'environment' ? sessionFirst : sandboxFirst).run(phase),
  };
}
