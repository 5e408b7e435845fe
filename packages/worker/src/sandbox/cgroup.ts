import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

/** Limits that only a cgroup can hold: they count all processes of a run together. */
export interface CgroupLimits {
  /** A cgroup v2 folder that this worker may make children in (see `findDelegatedCgroup`). */
  parent: string;
  memoryBytes: number;
  /** In processors: 1.5 is one and a half. */
  cpus: number;
  processes: number;
}

export interface Cgroup {
  /** A process joins by writing its pid there, before it drops its rights. */
  processesFile: string;
  /** Which of the limits the kernel took; the controllers are the machine's to give. */
  enforced: readonly string[];
  /** Ends what is left in it and removes it. */
  close: () => Promise<void>;
}

/** Makes a child cgroup for one run. Throws `unavailable` when `parent` takes no children. */
export async function openCgroup(limits: CgroupLimits): Promise<Cgroup> {
  const path = join(limits.parent, `gatehouse-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(path);
  } catch (cause) {
    throw new GatehouseError('unavailable', `No cgroup can be made in ${limits.parent}`, { cause });
  }
  const wanted = {
    'memory.max': String(limits.memoryBytes),
    'memory.swap.max': '0',
    'pids.max': String(limits.processes),
    'cpu.max': `${Math.round(limits.cpus * 100_000)} 100000`,
  };
  const enforced: string[] = [];
  for (const [file, value] of Object.entries(wanted)) {
    if (await write(join(path, file), value)) enforced.push(file);
  }
  return {
    processesFile: join(path, 'cgroup.procs'),
    enforced,
    async close() {
      await write(join(path, 'cgroup.kill'), '1');
      // The kernel lets go of a dead process a moment after its end.
      for (let tries = 0; tries < 200; tries += 1) {
        const gone = await rmdir(path).then(
          () => true,
          (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
        );
        if (gone) return;
        await delay(5);
      }
    },
  };
}

/**
 * The cgroup above this process's own, when it was delegated to it: systemd does so for a service with `Delegate=yes`
 * and `DelegateSubgroup=worker`. Turns the controllers on for its children. undefined elsewhere; best effort.
 */
export async function findDelegatedCgroup(): Promise<string | undefined> {
  const own = /^0::(\/.+)$/m.exec(await readText('/proc/self/cgroup'))?.[1];
  const mount = /^\d+ \d+ \S+ \S+ (\S+) .*- cgroup2 /m.exec(await readText('/proc/self/mountinfo'))?.[1];
  if (own === undefined || mount === undefined || dirname(own) === '/') return undefined;
  const parent = join(mount, dirname(own));
  try {
    await access(parent, constants.W_OK);
    await access(join(parent, 'cgroup.procs'), constants.W_OK);
  } catch {
    return undefined;
  }
  return (await write(join(parent, 'cgroup.subtree_control'), '+memory +pids +cpu')) ? parent : undefined;
}

async function write(path: string, value: string): Promise<boolean> {
  try {
    // 'r+': a file that is not there (its controller is off) must not be made.
    await writeFile(path, value, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
