import { lstat, readlink } from 'node:fs/promises';

/** Fixed places of the run's own view. */
export const inside = {
  workspace: '/workspace',
  state: '/state',
  plugins: '/plugins',
  home: '/home/run',
  temporary: '/tmp',
  cliConfig: '/etc/gatehouse.tfrc',
  sockets: '/run/gatehouse',
  relay: '/run/relay.sh',
} as const;

/** Id inside. bwrap maps it to whoever started bwrap, which is never root. */
const insideId = '1000';
/** /home/run and /dev/shm; both count as memory. */
const smallTmpfsBytes = 64 * 1024 ** 2;

export interface Profile {
  workDir: string;
  stateDir: string;
  providerMirror: string | undefined;
  toolDirs: readonly { host: string; inside: string }[];
  /** undefined: the run has no way out. */
  sockets: string | undefined;
  /** Folder of the files that `profileFiles` names. */
  files: string;
  system: readonly string[];
  tmpBytes: number;
  environment: Readonly<Record<string, string>>;
  seccompFd: number;
  statusFd: number;
}

/**
 * bwrap's arguments as it reads them from its `--args` pipe (NUL-separated): nothing of this, above all no value of the
 * environment, may stand in bwrap's argv or environment, because bwrap itself is pid 1 of the run, which can read both.
 */
export function bubblewrapArguments(profile: Profile): Uint8Array {
  const { files } = profile;
  const list = [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup', '--unshare-net'],
    ...['--uid', insideId, '--gid', insideId, '--hostname', 'run', '--disable-userns'],
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...['--seccomp', String(profile.seccompFd), '--json-status-fd', String(profile.statusFd)],
    ...profile.system,
    ...[
      '--dir',
      '/etc',
      '--ro-bind-try',
      '/etc/ssl',
      '/etc/ssl',
      '--ro-bind-try',
      '/etc/pki/tls/certs',
      '/etc/pki/tls/certs',
    ],
    ...['--ro-bind-try', '/etc/pki/ca-trust/extracted', '/etc/pki/ca-trust/extracted'],
    ...Object.keys(etcFiles).flatMap((name) => ['--ro-bind', `${files}/${name}`, `/etc/${name}`]),
    ...['--ro-bind', `${files}/gatehouse.tfrc`, inside.cliConfig],
    // /dev is a tmpfs of half the memory unless it is made read-only after its own mounts.
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--size',
      String(smallTmpfsBytes),
      '--tmpfs',
      '/dev/shm',
      '--remount-ro',
      '/dev',
    ],
    ...['--size', String(profile.tmpBytes), '--tmpfs', inside.temporary],
    ...['--size', String(smallTmpfsBytes), '--tmpfs', inside.home],
    ...['--bind', profile.workDir, inside.workspace, '--bind', profile.stateDir, inside.state],
    ...(profile.providerMirror === undefined
      ? ['--dir', inside.plugins]
      : ['--ro-bind', profile.providerMirror, inside.plugins]),
    ...profile.toolDirs.flatMap((tool) => ['--ro-bind', tool.host, tool.inside]),
    ...(profile.sockets === undefined ? [] : ['--ro-bind', profile.sockets, inside.sockets]),
    ...['--ro-bind', `${files}/relay.sh`, inside.relay],
    // The last mount: bwrap could not make a mount point below it any more.
    ...['--remount-ro', '/', '--chdir', inside.workspace, '--clearenv'],
    ...Object.entries(profile.environment).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
  return Buffer.from(list.map((argument) => `${argument}\0`).join(''));
}

/** Files of /etc that libc and git look for; nothing of the host's own. */
export const etcFiles = {
  passwd: `run:x:${insideId}:${insideId}::${inside.home}:/bin/sh\n`,
  group: `run:x:${insideId}:\n`,
  hosts: '127.0.0.1 localhost run\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
} as const;

/** The host's programs, read-only: /usr, and /bin, /lib and the like as the host has them (links or folders). */
export async function systemMounts(): Promise<readonly string[]> {
  system ??= await readSystemMounts();
  return system;
}

/** A host's layout is what it is. */
let system: readonly string[] | undefined;

async function readSystemMounts(): Promise<readonly string[]> {
  const mounts = ['--ro-bind', '/usr', '/usr'];
  for (const path of ['/bin', '/sbin', '/lib', '/lib32', '/lib64']) {
    const stat = await lstat(path).catch(() => undefined);
    if (stat?.isSymbolicLink()) mounts.push('--symlink', await readlink(path), path);
    else if (stat !== undefined) mounts.push('--ro-bind', path, path);
  }
  return mounts;
}
