import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type OwnProgram = { pid: number /** What it said first. */; said: string; stop(): Promise<void> };

/** Starts a program that lies beside this file and that says with its first line where it listens. Throws when it ends before. */
export async function startOwnProgram(file: string, ...argv: string[]): Promise<OwnProgram> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=gatehouse-source', program, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const said of createInterface({ input: child.stdout })) {
    return {
      pid: child.pid ?? 0,
      said,
      async stop() {
        child.kill();
        await exited;
      },
    };
  }
  throw new Error(`${file} ended before it said anything.`);
}
