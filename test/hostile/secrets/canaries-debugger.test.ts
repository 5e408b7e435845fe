import { readdir, readFile, readlink } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Gatehouse, startGatehouse } from '../../e2e/stack.ts';
import { row } from '../../suites/row.ts';

// Node opens its debugger on SIGUSR1, which other daemons take as "reopen the logs". Whoever is on the machine, under any
// user, could then read every secret of the process.

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse.stop());

for (const name of ['api', 'worker']) {
  row(
    {
      area: 'Secrets: memory',
      harm: `SIGUSR1 to the ${name}`,
      holds: 'no debugger is opened, and the process goes on',
      isChosen: true,
    },
    async () => {
      const pid = await processOf(`packages/${name}/src/main.ts`);
      const before = await listeners(pid);
      process.kill(pid, 'SIGUSR1');
      // Its own word first: that nothing listens could also come of a port that another process has taken.
      await expect.poll(() => warningsOf(name), { timeout: 10_000 }).toContainEqual(expect.stringMatching(/SIGUSR1/));
      expect(await listeners(pid)).toEqual(before);
      expect(warningsOf(name).filter((line) => /inspector|debugger listening/i.test(line))).toEqual([]);
      expect(await processOf(`packages/${name}/src/main.ts`)).toBe(pid);
    },
  );
}

function warningsOf(name: string): string[] {
  return gatehouse.warnings.filter((line) => line.startsWith(name));
}

/** Pid of the one child of this test that runs the program. */
async function processOf(program: string): Promise<number> {
  const tasks = await readdir('/proc/self/task');
  const children = await Promise.all(tasks.map((task) => readFile(`/proc/self/task/${task}/children`, 'utf8')));
  for (const pid of children.join(' ').split(' ').filter(Boolean)) {
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(program)) return Number(pid);
  }
  throw new Error(`No process runs ${program}.`);
}

/** The TCP addresses on which a process listens, as /proc writes them. */
async function listeners(pid: number): Promise<string[]> {
  const fds = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const table = (await readFile('/proc/net/tcp', 'utf8')) + (await readFile('/proc/net/tcp6', 'utf8').catch(() => ''));
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((field) => field[3] === '0A' && targets.includes(`socket:[${field[9]}]`))
    .map((field) => field[1] ?? '')
    .sort();
}
