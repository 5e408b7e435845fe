import { z } from 'zod';

const configSchema = z.object({
  /** Port to listen on; 0 takes any free one. */
  STS_EMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(4599),
  STS_EMULATOR_HOST: z.string().min(1).default('127.0.0.1'),
  /** Path of the seed (JSON). A file that does not exist is made, with a random demo account, readable by its owner. */
  STS_EMULATOR_SEED: z
    .string({ error: 'STS_EMULATOR_SEED must name the seed file (made when it does not exist)' })
    .min(1),
  /** Asked of callers of the control API when set. */
  STS_EMULATOR_CONTROL_TOKEN: z.string().min(16).optional(),
  STS_EMULATOR_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('silent'),
});

export type Config = {
  host: string;
  port: number;
  seedPath: string;
  controlToken: string | undefined;
  logLevel: string;
};

/** Throws with the names of all variables that are wrong, never their values. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = configSchema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  return {
    host: parsed.data.STS_EMULATOR_HOST,
    port: parsed.data.STS_EMULATOR_PORT,
    seedPath: parsed.data.STS_EMULATOR_SEED,
    controlToken: parsed.data.STS_EMULATOR_CONTROL_TOKEN,
    logLevel: parsed.data.STS_EMULATOR_LOG_LEVEL,
  };
}
