import { raiseExtension } from '../services/raise-extension.ts';
import { change, type RunCore } from '../services/run-core.ts';
import { phasesToAsk } from '../store/phases.ts';

/** One transaction asks for this many, so that a crowd of them does not hold the database for long. */
const atATime = 100;

/** Asks for the codes that extend sessions which are about to end. Each phase that is looked at has asked then. */
export async function raiseExtensions(core: Omit<RunCore, 'sealer'>): Promise<void> {
  for (;;) {
    if (phasesToAsk(core.database, core.clock.now(), 1).length === 0) return;
    change(core, (now) => {
      for (const phase of phasesToAsk(now.transaction, now.at, atATime)) raiseExtension(now, phase);
    });
    // Requests come in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
