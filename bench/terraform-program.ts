import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The terraform on PATH. Throws when there is none. */
export function terraformProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(':');
  const program = folders.map((folder) => path.join(folder, 'terraform')).find(isProgram);
  if (program === undefined) throw new Error('The benchmarks need terraform on PATH.');
  return program;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
