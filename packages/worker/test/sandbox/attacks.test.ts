import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Attack, attacks } from './attacks.ts';
import { runAs, workerUsers } from './worker-users.ts';

const report = z.object({
  seen: z.record(z.string(), z.object({ output: z.string(), exitCode: z.number().optional(), ended: z.string() })),
  refused: z.array(z.string()),
  reached: z.number(),
  link: z.string(),
  setuidMode: z.string(),
  setuidOwner: z.number(),
  redisPort: z.number(),
});

describe.each(await workerUsers())('hostile code under a worker that is $name', (user) => {
  let base: string;
  let told: z.infer<typeof report>;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'gh-attack-'));
    await chmod(base, 0o777);
    const program = fileURLToPath(new URL('attack-program.ts', import.meta.url));
    await writeFile(join(base, 'inherited'), 'inherited secret');
    const inherited = await open(join(base, 'inherited'));
    told = report.parse(JSON.parse(await runAs(user, [program, base], inherited.fd)));
    await inherited.close();
  }, 60_000);
  afterAll(() => rm(base, { recursive: true, force: true }));

  test.each(Object.entries<Attack>(attacks))('%s', (name, attack) => {
    const seen = told.seen[name];
    expect(seen?.output).toMatch(attack.expected);
    if (attack.absent !== undefined) expect(seen?.output).not.toMatch(attack.absent);
    if (attack.exitCode !== undefined) expect(seen?.exitCode).toBe(attack.exitCode);
    expect(seen?.ended).toBe('exited');
  });

  test('no service of the host was reached', () => {
    expect(told.reached).toBe(0);
  });

  test('what was refused is told by name and reason', () => {
    expect(told.refused.sort()).toEqual(
      [
        `127.0.0.1:${told.redisPort} loopback address`,
        `localhost:${told.redisPort} loopback address`,
        '169.254.169.254:80 link-local address',
      ].sort(),
    );
  });

  test('the link was not followed', () => {
    expect(told.link).toMatch(/^Refused to read .*it is a link/);
  });

  test('the shell is set-user-id no more, and never was root', () => {
    expect(told.setuidMode).toBe('755');
    expect(told.setuidOwner).toBe(user.runUid);
  });
});
