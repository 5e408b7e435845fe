import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Attack, attacks } from '../../../packages/worker/test/sandbox/attacks.ts';
import { listenOnLoopback } from '../../faults/loopback.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite } from '../../suites/suite.ts';
import { type InsideWorld, provisioned, users, withInsideWorld } from './inside-world.ts';

// The attacks that are tried on a sandbox by itself (packages/worker/test/sandbox), by the provisioner of a real run.

/** Their answer depends on limits that a run does not have, they end all of terraform, or need a second command. */
const leftOut: readonly string[] = [
  'fills the temporary folder',
  'writes a huge file',
  'forks without end',
  'kills everything it can see',
  'looks for processes of the host',
  'speaks to the process that an earlier command left',
];
const tried = Object.entries<Attack>(attacks).filter(([name]) => !leftOut.includes(name));

/** Each attack by itself, its output between two marks. */
const script = tried
  .map((_, index) => `echo "@@ ${index}"\ntimeout -k 1 20 /bin/sh attack-${index}.sh </dev/null\necho "@@ end"`)
  .join('\n');
const files = Object.fromEntries(tried.map(([, attack], index) => [`attack-${index}.sh`, `${attack.script}\n`]));

describe.each(users)('a worker that was started as $name', (user) => {
  let world: InsideWorld;
  withInsideWorld(user, (started) => {
    world = started;
  });
  let lines: string[];
  let reached = 0;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    if (!isWholeSuite) return;
    const listener = () =>
      createServer((socket) => {
        reached += 1;
        socket.on('error', () => undefined);
        socket.end('PONG');
      });
    const tcp = await listenOnLoopback(listener());
    closing.push(tcp.close);
    const name = `gatehouse-inside-${process.pid}-${user.name}`;
    const abstract = listener();
    await new Promise<void>((resolve) => abstract.listen(`\0${name}`, resolve));
    closing.push(() => new Promise((resolve) => abstract.close(() => resolve())));
    lines = await world.attack('inside', provisioned(script, files), {
      OTHER_RUN: `${world.folders}/claim-other/state`,
      REDIS_PORT: String(tcp.port),
      ABSTRACT: name,
    });
  }, 180_000);
  afterAll(async () => {
    for (const close of closing) await close();
  });

  for (const [index, [name, attack]] of tried.entries()) {
    const holds = 'it is refused, and sees and changes nothing outside of the run';
    row({ area: 'Sandbox', harm: `a provisioner ${name}`, when: `worker as ${user.name}`, holds }, () => {
      const from = lines.indexOf(`@@ ${index}`);
      const output = lines.slice(from + 1, lines.indexOf('@@ end', from)).map((line) => `${line}\n`);
      expect(from).toBeGreaterThan(-1);
      expect(output.join('')).toMatch(attack.expected);
      if (attack.absent !== undefined) expect(output.join('')).not.toMatch(attack.absent);
    });
  }
  row(
    {
      area: 'Sandbox',
      harm: 'all of these',
      when: `worker as ${user.name}`,
      holds: 'no service of the host was reached, and the next run of the worker is applied',
    },
    async () => {
      expect(reached).toBe(0);
      expect(await world.attack('after', provisioned('echo alive'))).toContain('alive');
    },
  );
});
