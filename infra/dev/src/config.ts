import path from 'node:path';
import { z } from 'zod';

// The only reader of the environment in this package; the programs hand in `process.env`.

const schema = z.object({
  /** Port of the page and the API on 127.0.0.1. Default 8080. */
  GATEHOUSE_PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
  /** Folder of everything that the stack keeps; made when missing. Default `.gatehouse` in the current folder. */
  GATEHOUSE_DATA_DIR: z.string().min(1).default('.gatehouse'),
});

export type Config = { port: number; dataDirectory: string };

/** Throws with the names of all settings that are wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path: name, message }) => `${name.join('.')}: ${message}`).join('; '));
  }
  return { port: parsed.data.GATEHOUSE_PORT, dataDirectory: path.resolve(parsed.data.GATEHOUSE_DATA_DIR) };
}

const inherited: readonly string[] = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'];
/** The stack has its own, in files. */
const notInherited: readonly string[] = [
  'GATEHOUSE_SEALING_KEY',
  'GATEHOUSE_WORKER_TOKEN',
  'GATEHOUSE_PORT',
  'GATEHOUSE_DATA_DIR',
];

/** What the stack's processes get of the caller's environment: little, and no credentials of whoever starts it. */
export function inheritedEnvironment(environment: Record<string, string | undefined>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || notInherited.includes(name)) continue;
    if (inherited.includes(name) || name.startsWith('GATEHOUSE_')) kept[name] = value;
  }
  return kept;
}
