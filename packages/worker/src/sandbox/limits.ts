/** What one command of a run may use at most. */
export interface Limits {
  /** Processes and threads of the sandbox together (counted in its user namespace, Linux >= 5.14). */
  processes: number;
  openFiles: number;
  /** The largest file a run may write. */
  fileSizeBytes: number;
  /** Size of /tmp, a tmpfs: counts as memory. */
  tmpBytes: number;
  /** After this time the command is killed hard; the phase interrupts it gracefully well before. */
  wallClockMs: number;
}

export const defaultLimits: Limits = {
  // Go programs use a thread for each blocked call; a handful of providers stays below 200.
  processes: 512,
  openFiles: 4_096,
  // Provider binaries (the largest known is under 1 GiB) and plan files.
  fileSizeBytes: 2 * 1024 ** 3,
  tmpBytes: 256 * 1024 ** 2,
  wallClockMs: 6 * 60 * 60_000,
};

/**
 * The command's prefix that sets them. It must stand *inside* bwrap: set before it, RLIMIT_NPROC counts the processes
 * of all runs of the uid together. No RLIMIT_AS: Go reserves far more than it uses.
 */
export function prlimitPrefix(limits: Limits): string[] {
  return [
    'prlimit',
    `--nproc=${limits.processes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileSizeBytes}`,
    '--core=0',
    '--',
  ];
}
