import { lchown, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseAllowList } from '@gatehouse/shared/address-guard';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type BubblewrapEnclosure, launcherPath, startInBubblewrap } from './bubblewrap-enclosure.ts';
import { inside, systemMounts } from './bubblewrap-profile.ts';
import { type Cgroup, openCgroup } from './cgroup.ts';
import {
  type Command,
  type CommandResult,
  type Departure,
  type Enclosed,
  followCommand,
  type RunningCommand,
} from './command.ts';
import { type Endpoints, openLoopbackEndpoints, openSocketEndpoints } from './endpoints.ts';
import { commandEnvironment, fixedEnvironment } from './environment.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Identity } from './listen.ts';
import { mirroredProviders } from './mirrored-providers.ts';
import { canReach, canWalk, giveTree } from './ownership.ts';
import { startPlainly } from './plain-enclosure.ts';
import { isBelow, readFileSafely } from './read-file-safely.ts';
import { openTree } from './remove-tree.ts';
import { makeRunFolder, type RunFolder } from './run-folder.ts';
import { identityToTake, type SandboxOptions } from './sandbox-options.ts';
import { terraformCliConfig } from './terraform-cli-config.ts';

export type { SandboxMode, SandboxOptions } from './sandbox-options.ts';

export interface Sandbox {
  /** Folders as commands see them. */
  paths: { workspace: string; state: string; plugins: string };
  /** Names of variables that are the sandbox's own: what a command gives for them is not used. */
  fixedNames: readonly string[];
  /**
   * Makes a command's sandbox ahead of time, which takes as long as some commands do. Nothing of the command runs before
   * its `run`, and nothing at all when `run` is never called. Throws `invalid_request` for an impossible variable.
   */
  prepare: (command: Command) => PreparedCommand;
  /** Runs a command to its end. Throws as `RunningCommand.result` does, and `invalid_request` for an impossible variable. */
  run: (command: Command & Pick<Departure, 'cwd'>) => Promise<CommandResult>;
  /** One SIGINT to each running command itself: terraform stops gracefully; a second one makes it lose what is in flight. */
  interrupt: () => Promise<boolean>;
  /** Ends each running command at once. */
  kill: () => void;
  /** Reads a file of the work or state folder (host path) that the run may have forged; see `readFileSafely`. */
  readFile: (hostPath: string, maxBytes: number) => Promise<Uint8Array | undefined>;
  /** Hands a file or folder that was put into the work or state folder after opening to the run's identity. */
  adopt: (hostPath: string) => Promise<void>;
  /** Kills what runs, waits for its end, takes set-id bits off what it left, removes sockets and own folders. Can be called twice. */
  close: () => Promise<void>;
}

/** A command that is ready to go. */
export interface PreparedCommand {
  /** To its end. Throws as `RunningCommand.result` does, and when the sandbox was closed meanwhile. */
  run: (departure?: Departure) => Promise<CommandResult>;
}

/** Opens the sandbox of one phase of a run. Throws `unavailable` with the reason when it cannot be made. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const limits = { ...defaultLimits, ...options.limits };
  const identity = options.mode === 'bubblewrap' ? identityToTake(options) : undefined;
  const roots = [await realpath(options.workDir), await realpath(options.stateDir)] as const;
  if (identity !== undefined) {
    for (const root of roots)
      await (options.filledLater ? lchown(root, identity.uid, identity.gid) : giveTree(root, identity));
  }

  const isPlain = options.mode === 'none';
  const mirror = isPlain ? options.providerMirror : inside.plugins;
  const mirrored = await mirroredProviders(options.providerMirror);
  const folder = await makeRunFolder(options.runtimeDir ?? tmpdir(), (root) =>
    terraformCliConfig({ mirror: mirror ?? `${root}/stage`, allowDirect: options.allowDirectProviders, mirrored }),
  );
  let endpoints: Endpoints | undefined;
  let cgroup: Cgroup | undefined;
  const release = async () => {
    await endpoints?.close();
    await cgroup?.close();
    await folder.remove();
  };
  try {
    endpoints = await openEndpoints(options, folder, identity);
    if (options.cgroup !== undefined && !isPlain) cgroup = await openCgroup(options.cgroup);
    const start = isPlain
      ? (command: Command, environment: Record<string, string>) => startPlainly(command, environment, roots[0])
      : await bubblewrapStarter(options, { folder, endpoints, cgroup, identity, limits, roots });
    return sandboxOver({ options, limits, folder, endpoints, roots, identity, start, release });
  } catch (error) {
    await release();
    throw error;
  }
}

interface Parts {
  options: SandboxOptions;
  limits: Limits;
  folder: RunFolder;
  endpoints: Endpoints;
  roots: readonly [work: string, state: string];
  identity: Identity | undefined;
  start: (command: Command, environment: Record<string, string>) => Enclosed;
  release: () => Promise<void>;
}

function sandboxOver({ options, limits, folder, endpoints, roots, identity, start, release }: Parts): Sandbox {
  const isPlain = options.mode === 'none';
  const toolPaths = (options.toolDirs ?? []).map((tool) => (isPlain ? tool.host : tool.inside));
  const common = {
    path: [...toolPaths, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    home: isPlain ? folder.home : inside.home,
    temporary: isPlain ? folder.temporary : inside.temporary,
    cliConfigFile: isPlain ? `${folder.files}/gatehouse.tfrc` : inside.cliConfig,
  };
  const fixed = fixedEnvironment({ ...common, proxyUrl: endpoints.proxyUrl, credentials: endpoints.credentials });
  const fixedOffline = fixedEnvironment({ ...common, proxyUrl: undefined, credentials: undefined });
  const waiting = new Set<RunningCommand>();
  const running = new Set<RunningCommand>();
  let closing: Promise<void> | undefined;

  return {
    paths: isPlain
      ? { workspace: roots[0], state: roots[1], plugins: options.providerMirror ?? `${folder.files}/plugins` }
      : { workspace: inside.workspace, state: inside.state, plugins: inside.plugins },
    fixedNames: Object.keys(fixed),
    prepare,
    run: async ({ cwd, ...command }) => await prepare(command).run(cwd === undefined ? {} : { cwd }),
    async interrupt() {
      const reached = await Promise.all([...running].map((command) => command.interrupt()));
      return reached.includes(true);
    },
    kill() {
      for (const command of running) command.kill();
    },
    async readFile(hostPath, maxBytes) {
      const root = [...roots, options.workDir, options.stateDir].find((candidate) => isBelow(hostPath, candidate));
      return await readFileSafely(root ?? roots[0], hostPath, maxBytes);
    },
    async adopt(hostPath) {
      if (identity !== undefined) await giveTree(hostPath, identity);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  function prepare(command: Command): PreparedCommand {
    refuseWhenClosed();
    const enclosed = start(command, commandEnvironment(command.environment, command.offline ? fixedOffline : fixed));
    const started = followCommand(enclosed, command, limits.wallClockMs);
    waiting.add(started);
    // What goes wrong before it is asked to run is told then.
    started.result.catch(() => {});
    return {
      async run(departure = {}) {
        refuseWhenClosed();
        waiting.delete(started);
        running.add(started);
        try {
          started.go(departure);
          return await started.result;
        } catch (error) {
          started.kill();
          throw error;
        } finally {
          running.delete(started);
        }
      },
    };
  }

  function refuseWhenClosed(): void {
    if (closing === undefined) return;
    throw new GatehouseError('unavailable', `The sandbox of ${options.runLabel} is closed`);
  }

  async function close(): Promise<void> {
    const left = [...waiting, ...running];
    for (const command of left) command.kill();
    await Promise.allSettled(left.map((command) => command.result));
    await release();
    // A set-user-id program would run as the run's host uid for anyone on the host. Without a sandbox that is the worker's,
    // and a run can leave what is another user's, which nobody may change.
    if (!isPlain) await openTree(...roots);
  }
}

async function openEndpoints(
  options: SandboxOptions,
  folder: RunFolder,
  identity: Identity | undefined,
): Promise<Endpoints> {
  const { allow = [], onRefused = () => {}, onConnected = () => {}, resolve } = options.egress ?? {};
  const egress = { allow: parseAllowList(allow), onRefused, onConnected };
  const wanted = { egress, resolve, forwards: options.forwards ?? [], credentials: options.credentials };
  if (options.mode === 'none') return await openLoopbackEndpoints(wanted);
  return await openSocketEndpoints({ ...wanted, folder: folder.sockets, owner: identity });
}

async function bubblewrapStarter(
  options: SandboxOptions,
  parts: Pick<BubblewrapEnclosure, 'identity' | 'cgroup' | 'limits'> & Pick<Parts, 'folder' | 'endpoints' | 'roots'>,
): Promise<Parts['start']> {
  const { folder, endpoints, roots, identity, cgroup, limits } = parts;
  const staged: { from: string; to: string }[] = [];
  // As root the worker may keep its folders where the identity cannot walk (a home folder); bind mounts of them can be.
  const stage = async (from: string) => {
    const known = staged.find((each) => each.from === from);
    if (known !== undefined) return known.to;
    const to = await folder.stage(String(staged.length));
    staged.push({ from, to });
    return to;
  };
  const reachable = async (path: string) => {
    const from = await realpath(path);
    if (identity === undefined || (await canReach(from, identity))) return from;
    // Work and state folder stand side by side: one mount, where the folder around them lets the identity through.
    const around = dirname(from);
    return (await canWalk(around, identity)) ? join(await stage(around), basename(from)) : await stage(from);
  };
  const toolDirs = [];
  for (const { host, inside: seenAs } of [...(options.toolDirs ?? []), ...(options.readOnlyDirs ?? [])])
    toolDirs.push({ host: await reachable(host), inside: seenAs });
  const enclosure: BubblewrapEnclosure = {
    profile: {
      workDir: await reachable(roots[0]),
      stateDir: await reachable(roots[1]),
      providerMirror: options.providerMirror === undefined ? undefined : await reachable(options.providerMirror),
      toolDirs,
      sockets: folder.sockets,
      files: folder.files,
      system: await systemMounts(),
      tmpBytes: limits.tmpBytes,
    },
    identity,
    staged,
    cgroup,
    relayed: endpoints.relayed,
    limits,
    launcherPath: options.launcherPath ?? launcherPath,
  };
  return (command, environment) => startInBubblewrap(enclosure, command, environment);
}
