import path from 'node:path';
import { openSandbox } from '../../sandbox/sandbox.ts';
import { need, type Step } from '../phase.ts';
import { toolsInside } from '../run-terraform.ts';
import { savedPlanInside } from '../saved-plan.ts';

/** Past the phase's own timeout and its grace: only a backstop. */
const wallClockSlackMs = 30 * 60_000;

export const enterSandbox: Step = {
  doing: 'making the sandbox',
  async run(phase) {
    const { claim, settings, folders, log, stop, made } = phase;
    const { egressAllow, ...sandboxSettings } = settings.sandbox;
    const isServed = claim.awsDelivery === 'endpoint' && claim.aws.source !== 'none';
    // It may be on its way still; nothing asks before a command runs.
    const credentials = isServed ? { current: async () => need(phase, 'session').current() } : undefined;
    const { binary, engine } = need(phase, 'terraform');
    const sandbox = await openSandbox({
      ...sandboxSettings,
      runLabel: `${claim.runId} (${claim.phase})`,
      workDir: folders.workspace,
      stateDir: folders.state,
      toolDirs: [{ host: path.dirname(binary), inside: toolsInside(engine) }],
      ...(claim.phase === 'apply' ? { readOnlyDirs: [{ host: folders.plan, inside: savedPlanInside }] } : {}),
      filledLater: true,
      limits: { wallClockMs: claim.timeoutMs + wallClockSlackMs },
      egress: {
        allow: egressAllow,
        onRefused: (destination, reason) => log.say(`a connection to ${destination} was refused: ${reason}.`),
        onConnected: (destination) => log.say(`connected to ${destination}.`),
      },
      ...(credentials === undefined ? {} : { credentials }),
    });
    made.sandbox = sandbox;
    stop.follow({ interrupt: () => sandbox.interrupt(), kill: () => sandbox.kill() });
    return undefined;
  },
};
