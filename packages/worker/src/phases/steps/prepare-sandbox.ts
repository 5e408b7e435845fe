import { inOrder, type Step, together } from '../phase.ts';
import { enterSandbox } from './enter-sandbox.ts';
import { openSession } from './open-session.ts';

/**
 * The session, the sandbox with its first command, and `beside`, which lays out what the command finds. The sandbox is
 * begun before all else: it takes longest to come up, in processes of its own. But for commands that get the session in
 * their environment: AWS takes its time, and all that does not need the session goes on meanwhile.
 */
export function prepareSandbox(prepareFirst: Step, ...beside: Step[]): Step {
  const doing = 'getting ready';
  const others = together('laying out', ...beside);
  const sandbox = [enterSandbox, prepareFirst];
  const sessionBeside = together(doing, openSession, inOrder('preparing the sandbox', ...sandbox, others));
  const sessionFirst = together(doing, inOrder('preparing the sandbox', openSession, ...sandbox), others);
  return {
    doing,
    run: (phase) => (phase.claim.awsDelivery === 'environment' ? sessionFirst : sessionBeside).run(phase),
  };
}
