import { execFileSync } from 'node:child_process';

/**
 * A crash must not write this process's memory, with every key in it, onto the disk. Node sets no limits itself, so that
 * `prlimit` of util-linux does; what the process starts inherits it. Where it is missing, the limit stays the service's.
 */
export function refuseCoreFiles(): void {
  try {
    execFileSync('prlimit', ['--core=0:0', `--pid=${process.pid}`], { stdio: 'ignore' });
  } catch {
    // As before: whoever runs the service has set a limit, or has not.
  }
}
