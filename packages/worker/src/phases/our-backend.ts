import path from 'node:path';
import { parseForeignJson } from '@gatehouse/shared/foreign-json';
import { z } from 'zod';
import { backendFor } from './forced-backend.ts';
import { need, type PhaseContext } from './phase.ts';

const initialized = z.object({
  backend: z.object({ type: z.string(), config: z.object({ workspace_dir: z.string() }).partial() }),
});
const longestBackendFile = 1024 * 1024;

/** Override files apply in the order of their names; one that sorts behind ours would have won. */
export async function isOurBackend(phase: PhaseContext): Promise<boolean> {
  const { host, below } = need(phase, 'directory');
  const file = path.join(host, '.terraform', 'terraform.tfstate');
  const bytes = await need(phase, 'sandbox').readFile(file, longestBackendFile);
  if (bytes === undefined) return false;
  const backend = initialized.safeParse(parseJson(bytes)).data?.backend;
  return backend?.type === 'local' && backend.config.workspace_dir === backendFor(below).workspace_dir;
}

/** The run has written it: it may be anything. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseForeignJson(bytes);
  } catch {
    return undefined;
  }
}
