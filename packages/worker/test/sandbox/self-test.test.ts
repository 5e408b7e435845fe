import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { selfTest } from '../../src/sandbox/self-test.ts';

const identity = { uid: 31_000, gid: 31_000 };

/** A PATH on which the launcher's programs are the given shell scripts. */
async function aPathOf(programs: Record<string, string>): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'gh-path-'));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  await chmod(base, 0o755);
  const path = join(base, 'bin');
  await mkdir(path);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return path;
}

test('this machine can sandbox', async () => {
  expect(await selfTest({ mode: 'bubblewrap', identity })).toEqual({ ok: true });
});

test('without bwrap the reason is told', async () => {
  const launcherPath = await aPathOf({ setpriv: 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"' });
  const result = await selfTest({ mode: 'bubblewrap', identity, launcherPath });
  expect(result).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/could not be made: .*(bwrap.*not found|ENOENT)/),
  });
});

test('a bwrap that may not make namespaces is told in its own words', async () => {
  const bwrap = 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1';
  const launcherPath = `${await aPathOf({ bwrap })}:/usr/bin:/bin`;
  expect(await selfTest({ mode: 'bubblewrap', identity, launcherPath })).toEqual({
    ok: false,
    reason: 'The sandbox could not be made: bwrap: setting up uid map: Permission denied',
  });
});

test('a bwrap that runs the command without a sandbox is found out', async () => {
  // Takes the place of bwrap and only runs what stands after `--`, reporting as bwrap does.
  const bwrap = `
    while [ "$1" != -- ]; do shift; done; shift
    cat <&3 >/dev/null; cat <&4 >/dev/null
    while [ "$1" != sh ] && [ "$1" != /bin/sh ]; do shift; done
    while [ "$1" != -- ]; do shift; done; shift
    "$@"
    echo '{"exit-code": 0}' >&5`;
  const launcherPath = `${await aPathOf({ bwrap })}:/usr/bin:/bin`;
  const result = await selfTest({ mode: 'bubblewrap', identity, launcherPath });
  expect(result.ok).toBe(false);
});

test('mode none has nothing to test', async () => {
  expect(await selfTest({ mode: 'none' })).toEqual({ ok: true });
});
