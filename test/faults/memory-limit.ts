import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';

/** Memory of a process, and of all that it starts, held to a limit, as on a machine that has no more. */
export type MemoryLimit = { release(): Promise<void> };

const first = { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', controller: 'memory' };
const second = { root: '/sys/fs/cgroup', limit: 'memory.max', controller: '' };

/** Throws where this user may not make a cgroup: needs root. What the process has already does not count. */
export async function limitMemory(pid: number, bytes: number): Promise<MemoryLimit> {
  const { root, limit, controller } = existsSync(`${first.root}/${first.limit}`) ? first : second;
  const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n');
  const own = lines.map((line) => line.split(':')).find(([, name]) => name === controller)?.[2] ?? '/';
  const folder = `${root}/gatehouse-faults-${pid}`;
  await mkdir(folder);
  await writeFile(`${folder}/${limit}`, String(bytes));
  await writeFile(`${folder}/cgroup.procs`, String(pid));
  return {
    async release() {
      for (const left of (await readFile(`${folder}/cgroup.procs`, 'utf8')).split('\n').filter(Boolean)) {
        await writeFile(`${root}${own}/cgroup.procs`, left).catch(() => {});
      }
      await rmdir(folder);
    },
  };
}
