import { z } from 'zod';

export const faultSchema = z.strictObject({
  /** Only calls of this action; every action when left out. */
  action: z.string().optional(),
  kind: z.enum(['delay', 'server_error', 'throttle', 'refuse_connection', 'garbage', 'wrong_clock']),
  /** `delay`: how long; `wrong_clock`: how far the emulator's clock is off, may be negative. Milliseconds. */
  ms: z.int().min(-86_400_000).max(86_400_000).optional(),
  /** How many calls it acts on; without end when left out. */
  times: z.int().min(1).optional(),
  /**
   * `before` the call is looked at (default), or `after` it was carried out: then the code is spent and a session
   * issued, but the client does not learn of it. `wrong_clock` is always before.
   */
  when: z.enum(['before', 'after']).default('before'),
});

export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema> & { id: number };
export type Faults = { nextId: number; active: Fault[] };

export const defaultDelayMs = 1_000;
/** Past the 15 minutes that AWS forgives. */
export const defaultWrongClockMs = 20 * 60 * 1000;

export function addFault(faults: Faults, input: z.output<typeof faultSchema>): Fault {
  const fault = { ...input, id: faults.nextId };
  faults.nextId += 1;
  faults.active.push(fault);
  return fault;
}

/** The faults that act on this call, oldest first; each uses up one of its times. */
export function takeFaults(faults: Faults, action: string): Fault[] {
  const taken = faults.active.filter((fault) => fault.action === undefined || fault.action === action);
  for (const fault of taken) {
    if (fault.times !== undefined) fault.times -= 1;
  }
  const shown = taken.map((fault) => ({ ...fault }));
  faults.active = faults.active.filter(({ times }) => times !== 0);
  return shown;
}
