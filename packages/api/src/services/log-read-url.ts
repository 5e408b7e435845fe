import { phases } from '@gatehouse/shared/run-status';
import type { Clock } from '../clock.ts';
import type { PhaseOfRun } from '../logs/live-log.ts';
import { type CapabilityDependencies, openCapability, signCapability } from './capability.ts';

/**
 * The terraform CLI asks for the address once, when it begins to follow, and then keeps it through the wait for a code
 * (a day at most), the time in the queue and the phase itself.
 */
const lifetimeMs = 7 * 24 * 3600 * 1000;

export type LogReadUrlDependencies = CapabilityDependencies & { clock: Clock; publicUrl: string };

/** The `log-read-url` of a plan or an apply: who has it may read this one log for a week. Show it to members only. */
export function logReadUrl(dependencies: LogReadUrlDependencies, { runId, phase }: PhaseOfRun): string {
  const capability = signCapability(dependencies, {
    kind: 'read-log',
    subject: `${runId}.${phase}`,
    expiresAt: new Date(dependencies.clock.now().getTime() + lifetimeMs),
  });
  return `${dependencies.publicUrl}/api/v2/logs/${capability}`;
}

/** Undefined when the capability is not one of ours, or over. */
export function openLogCapability(
  dependencies: CapabilityDependencies & { clock: Clock },
  capability: string,
): PhaseOfRun | undefined {
  const now = dependencies.clock.now();
  const [runId, word] = openCapability(dependencies, { kind: 'read-log', text: capability, now })?.split('.') ?? [];
  const phase = phases.find((candidate) => candidate === word);
  return runId === undefined || phase === undefined ? undefined : { runId, phase };
}
