import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { EmulatorState } from './emulator-state.ts';
import { registerAwsEndpoints } from './routes/aws-endpoints.ts';
import { registerControlApi } from './routes/control-api.ts';
import { type SeedInput, seedSchema } from './seed.ts';
import { accountFromSeed } from './state/accounts.ts';
import { functionsFromSeed } from './state/functions.ts';

export type EmulatorOptions = {
  seed: SeedInput;
  /** Default: the machine's clock. Sessions, signatures and codes are all judged by it. */
  clock?: () => Date;
  /** Default: silent. */
  logger?: FastifyBaseLogger;
  /** When set, the control API wants `Authorization: Bearer <token>`. Default: open to the same machine. */
  controlToken?: string;
};

// The longest real call (a 2 KiB policy, tags) is a few KiB.
const bodyLimitBytes = 64 * 1024;

/** Builds an emulator that does not listen yet; throws when the seed breaks its schema or repeats a name. */
export function buildEmulator(options: EmulatorOptions): { app: FastifyInstance; state: EmulatorState } {
  const closing = new AbortController();
  const seed = seedSchema.parse(options.seed);
  const machineClock = options.clock ?? (() => new Date());
  const state: EmulatorState = {
    account: accountFromSeed(seed),
    functions: functionsFromSeed(seed),
    parameters: new Map(),
    sessions: new Map(),
    faults: { nextId: 1, active: [] },
    journal: { entries: [] },
    clock: () => new Date(machineClock().getTime() + state.clockOffsetSeconds * 1000),
    clockOffsetSeconds: 0,
    closing: closing.signal,
  };
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
  });
  app.addHook('preClose', async () => closing.abort());
  registerAwsEndpoints(app, state);
  registerControlApi(app, state, options.controlToken);
  return { app, state };
}
