import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { bubblewrapArguments, inside, type Profile } from './bubblewrap-profile.ts';
import type { Cgroup } from './cgroup.ts';
import type { Command, Enclosed } from './command.ts';
import { departureInput } from './departure.ts';
import { endLeftSandboxes } from './end-left-sandboxes.ts';
import type { Relayed } from './endpoints.ts';
import { type Limits, prlimitPrefix } from './limits.ts';
import type { Identity } from './listen.ts';
import { findCommand, isDead, signalProcess, startProcess } from './processes.ts';
import { relayArguments } from './relay-script.ts';
import { currentArchitecture, seccompFilter } from './seccomp.ts';

/** The launcher's whole environment: pid 1 of the run shows it to the run. */
export const launcherPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Descriptors of the launcher. */
const argumentsFd = 3;
const seccompFd = 4;
const statusFd = 5;
/** How long the kernel may take to end a sandbox whose launcher is gone, before its pid 1 is killed by hand. */
const emptyingMs = 5_000;

export interface BubblewrapEnclosure {
  profile: Omit<Profile, 'environment' | 'seccompFd' | 'statusFd'>;
  /** Whom to become before bwrap; undefined when the worker is unprivileged itself. */
  identity: Identity | undefined;
  /** Bind mounts to make, as root, before becoming the identity: sources it could not walk to. */
  staged: readonly { from: string; to: string }[];
  cgroup: Cgroup | undefined;
  relayed: readonly Relayed[];
  limits: Limits;
  launcherPath: string;
}

/** Makes the sandbox of a command, up to where the command itself would begin. */
export function startInBubblewrap(
  enclosure: BubblewrapEnclosure,
  command: Command,
  environment: Readonly<Record<string, string>>,
): Enclosed {
  const { profile, limits, relayed } = enclosure;
  const relay = relayArguments(command.offline ? [] : relayed, command);
  const bubblewrap = [
    ...['bwrap', '--args', String(argumentsFd), '--', ...prlimitPrefix(limits)],
    ...['/bin/sh', inside.relay, ...relay],
  ];
  const [file = 'bwrap', ...argv] = [...launcherPrefix(enclosure), ...bubblewrap];
  const arguments_ = bubblewrapArguments({
    ...profile,
    sockets: command.offline ? undefined : profile.sockets,
    environment,
    seccompFd,
    statusFd,
  });
  const process = startProcess({
    file,
    argv,
    environment: { PATH: enclosure.launcherPath },
    cwd: '/',
    inputs: [arguments_, seccompFilter(currentArchitecture())],
    status: true,
  });
  const status = followStatus(process.status);

  return {
    process,
    async interrupt() {
      const reaper = await status.reaper;
      // Never bwrap: any signal that ends it is a hard kill, and its pid 1 ignores SIGINT.
      const pid = reaper === undefined ? undefined : await findCommand(reaper);
      return pid !== undefined && signalProcess(pid, 'SIGINT');
    },
    kill() {
      if (process.pid !== undefined) signalProcess(process.pid, 'SIGKILL');
    },
    go: (departure) => process.feed(departureInput(command, departure, inside.workspace)),
    async emptied() {
      const reaper = await status.reaper;
      if (reaper === undefined) {
        // Killed before bwrap could tell of it, or have it end with itself.
        await endLeftSandboxes();
        return;
      }
      if (await isDead(reaper, emptyingMs)) return;
      signalProcess(reaper, 'SIGKILL');
      await isDead(reaper, emptyingMs);
    },
    // bwrap reports the exit code only of a command that it got to start.
    neverStarted: () => !status.reportedExit(),
  };
}

/**
 * Where the machine runs out of memory the kernel ends a run, and not the worker, its other runs' launchers, or whatever
 * else the machine is for. Said by root it is for good; a run of an unprivileged worker could take it back.
 */
const firstToDie = '{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; exec "$@"';

/**
 * What stands before bwrap. It must not be the worker's root: bwrap started by root leaves /proc/sys of the machine
 * writable to the run.
 */
function launcherPrefix({ identity, staged, cgroup }: BubblewrapEnclosure): string[] {
  const prefix: string[] = ['sh', '-c', firstToDie, 'sh'];
  if (cgroup !== undefined) prefix.push('sh', '-c', 'echo $$ >"$1" && shift && exec "$@"', 'sh', cgroup.processesFile);
  if (staged.length > 0) {
    const mountAll = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 126; shift 2; done; shift; exec "$@"';
    prefix.push('unshare', '--mount', '--propagation', 'private', '--', 'sh', '-c', mountAll, 'sh');
    prefix.push(...staged.flatMap(({ from, to }) => [from, to]), '--');
  }
  if (identity !== undefined) {
    prefix.push('setpriv', `--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups');
    prefix.push('--inh-caps=-all', '--bounding-set=-all', '--pdeathsig', 'KILL', '--no-new-privs', '--');
  }
  return prefix;
}

const statusLine = z.object({ 'child-pid': z.number().int().optional(), 'exit-code': z.number().int().optional() });

function followStatus(stream: Readable | undefined) {
  let reported = false;
  const reaper = new Promise<number | undefined>((resolve) => {
    if (stream === undefined) return resolve(undefined);
    stream.on('error', () => resolve(undefined));
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      const status = parseStatus(line);
      if (status['child-pid'] !== undefined) resolve(status['child-pid']);
      if (status['exit-code'] !== undefined) reported = true;
    });
    lines.once('close', () => resolve(undefined));
    return undefined;
  });
  return { reaper, reportedExit: () => reported };
}

function parseStatus(line: string): z.infer<typeof statusLine> {
  try {
    return statusLine.parse(JSON.parse(line));
  } catch {
    return {};
  }
}
