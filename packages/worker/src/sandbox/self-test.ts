import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { thisProcess, writeOwner } from './owning-process.ts';
import { runFolderPrefix } from './run-folder.ts';
import { openSandbox, type SandboxOptions } from './sandbox.ts';

/** What the machine's sandboxes are made of; the rest of the options belongs to a run. */
export type SelfTestOptions = Pick<SandboxOptions, 'mode'> &
  Partial<
    Pick<
      SandboxOptions,
      'identity' | 'runtimeDir' | 'launcherPath' | 'limits' | 'cgroup' | 'toolDirs' | 'providerMirror'
    >
  >;

export type SelfTestResult = { ok: true } | { ok: false; reason: string };

/** A machine that needs longer to make one sandbox cannot run terraform either. */
const wallClockMs = 30_000;

/**
 * Each line ends the script with its own sentence. All are harmless where they succeed: files are opened for appending
 * and nothing is written.
 */
const checks = `
fail() { echo "$1"; exit 1; }
( : >>/proc/sys/kernel/core_pattern ) 2>/dev/null && fail 'the kernel settings of this machine can be written'
( : >>/usr/.gatehouse ) 2>/dev/null && fail 'the programs of this machine can be written'
( : >>/etc/passwd ) 2>/dev/null && fail '/etc can be written'
[ -e "$CANARY" ] && fail 'a file of this machine can be seen'
grep -q -v -e '^Inter' -e '^ face' -e '^ *lo:' /proc/net/dev && fail 'a network interface of this machine can be seen'
grep -q '^Seccomp:.2$' /proc/self/status || fail 'no system call filter is in force'
grep -q '^NoNewPrivs:.1$' /proc/self/status || fail 'new privileges can be gained'
grep -q '^CapEff:.0*$' /proc/self/status || fail 'there are capabilities'
grep -qF "$CANARY" /proc/1/environ /proc/1/cmdline 2>/dev/null && fail 'pid 1 shows the environment'
unshare --user true 2>/dev/null && fail 'a user namespace can be made'
[ "$(id -u)" != 0 ] || fail 'it runs as root'
: >/workspace/written && : >/state/written || fail 'the work folder cannot be written'
echo passed
`;

/** Runs the real profile once and tries a few ways out. A worker whose self-test fails must not take runs. */
export async function selfTest(options: SelfTestOptions): Promise<SelfTestResult> {
  if (options.mode === 'none') return { ok: true };
  const base = await mkdtemp(join(tmpdir(), `${runFolderPrefix}self-test-`));
  const workDir = join(base, 'work');
  const stateDir = join(base, 'state');
  const canary = join(base, 'canary');
  try {
    // Found by whoever clears what is left of a killed worker.
    await writeOwner(base, await thisProcess());
    for (const path of [workDir, stateDir]) await mkdir(path);
    await writeFile(canary, '');
    const said = await runChecks({ ...options, runLabel: 'self-test', workDir, stateDir }, canary);
    return said === 'passed' ? { ok: true } : { ok: false, reason: said === '' ? 'it said nothing' : said };
  } catch (error) {
    return { ok: false, reason: isGatehouseError(error) ? error.message : `The self-test failed: ${String(error)}` };
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

async function runChecks(options: SandboxOptions, canary: string): Promise<string> {
  const sandbox = await openSandbox({ ...options, limits: { ...options.limits, wallClockMs } });
  try {
    const output: Uint8Array[] = [];
    await sandbox.run({
      argv: ['/bin/sh', '-c', checks],
      environment: { CANARY: canary },
      onOutput: (bytes) => {
        output.push(bytes);
      },
    });
    return Buffer.concat(output).toString('utf8').trim();
  } finally {
    await sandbox.close();
  }
}
