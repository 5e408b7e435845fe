import { createHash } from 'node:crypto';
import type { KnownWorkspace } from './world.ts';

/** A state of a workspace as its writer would have made it, and what is said of it. */
export function stateOf(workspace: KnownWorkspace, { serial, writer }: { serial: number; writer: string }) {
  const known = { version: 4, terraform_version: '1.11.4', serial: Math.max(0, serial), lineage: workspace.id };
  const state = { ...known, outputs: { writer: { value: writer, type: 'string' } }, resources: [] };
  const bytes = Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
  const md5 = createHash('md5').update(bytes).digest('hex');
  return { bytes, said: { serial: known.serial, lineage: known.lineage, md5 } };
}

/** What terraform would give the next state of the workspace. */
export function nextSerial(workspace: KnownWorkspace): number {
  return (workspace.states.at(-1)?.serial ?? 0) + 1;
}
