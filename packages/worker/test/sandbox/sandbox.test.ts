import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@gatehouse/shared/secret';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closable, listenOnLoopback } from '../../src/sandbox/listen.ts';
import type { SandboxMode } from '../../src/sandbox/sandbox.ts';
import { aSandbox } from './a-sandbox.ts';

const isRoot = process.getuid?.() === 0;
const modes: { mode: SandboxMode }[] = [{ mode: 'bubblewrap' }, { mode: 'none' }];

async function anEchoServer() {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  onTestFinished(closable(server));
  return await listenOnLoopback(server, 0);
}

describe.each(modes)('in mode $mode', ({ mode }) => {
  test('a command sees its folders, its environment and nothing of the worker', async () => {
    const { sandbox, run, workDir } = await aSandbox({ mode });
    await writeFile(join(workDir, 'main.tf'), 'content');
    const environment = { MINE: 'plain', SECRET: new Secret('hidden') };
    const { output, exitCode } = await run('cat main.tf; echo; echo $MINE $SECRET; env | sed "s/=.*//"; exit 3', {
      environment,
    });
    expect(exitCode).toBe(3);
    const [file, values, ...names] = output.trim().split('\n');
    expect([file, values]).toEqual(['content', 'plain hidden']);
    expect(names.sort()).toEqual([...new Set([...sandbox.fixedNames, 'LANG', 'MINE', 'SECRET', 'PWD'])].sort());
  });

  test('output comes in the order in which it was written, standard error included', async () => {
    const { run } = await aSandbox({ mode });
    const { output } = await run('for i in 1 2 3; do echo out $i; echo err $i >&2; done');
    expect(output).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
  });

  test('standard output can be captured, apart from standard error', async () => {
    const { run } = await aSandbox({ mode });
    const { output, stdout } = await run('echo json; echo note >&2', { captureStdoutLimitBytes: 100 });
    expect(Buffer.from(stdout).toString()).toBe('json\n');
    expect(output).toBe('note\n');
  });

  test('more captured output than allowed fails the command', async () => {
    const { run } = await aSandbox({ mode });
    const endless = run('yes', { captureStdoutLimitBytes: 1_000 });
    await expect(endless).rejects.toMatchObject({ code: 'too_large' });
  });

  test('input is read', async () => {
    const { run } = await aSandbox({ mode });
    expect((await run('cat', { stdin: Buffer.from('given') })).output).toBe('given');
    expect((await run('cat')).output).toBe('');
  });

  test('a command that was prepared begins when it is run, with the folder and the input of then', async () => {
    const { sandbox, workDir, stateDir } = await aSandbox({ mode });
    let output = '';
    const prepared = sandbox.prepare({
      argv: ['/bin/sh', '-c', `touch "$1/begun"; pwd; cat; echo; cat file`, 'sh', sandbox.paths.state],
      environment: {},
      stdin: 'at departure',
      onOutput: (bytes) => {
        output += Buffer.from(bytes).toString();
      },
    });
    // A whole other command fits in between.
    await sandbox.run({ argv: ['true'], environment: {}, onOutput: () => {} });
    expect(await readdir(stateDir)).toEqual([]);
    expect(await sandbox.interrupt()).toBe(false);
    const folder = join(workDir, ' a folder\\n');
    await mkdir(folder);
    await writeFile(join(folder, 'file'), 'of then');
    await sandbox.adopt(folder);
    const cwd = `${sandbox.paths.workspace}/ a folder\\n`;
    expect(await prepared.run({ cwd, stdin: Buffer.from('given\nlate') })).toMatchObject({ exitCode: 0 });
    expect(output).toBe(`${cwd}\ngiven\nlate\nof then`);
    expect(await readdir(stateDir)).toEqual(['begun']);
  });

  test('a command that was prepared and never run is gone with the sandbox', async () => {
    const { sandbox, stateDir } = await aSandbox({ mode });
    const argv = ['touch', `${sandbox.paths.state}/begun`];
    const prepared = sandbox.prepare({ argv, environment: {}, onOutput: () => {} });
    await sandbox.close();
    await expect(prepared.run()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readdir(stateDir)).toEqual([]);
  });

  test('a folder whose name breaks the line, or that is missing, is not run in', async () => {
    const { sandbox, run, stateDir } = await aSandbox({ mode });
    const script = `touch ${sandbox.paths.state}/begun`;
    const command = { argv: ['/bin/sh', '-c', script], environment: {}, onOutput: () => {} };
    await expect(sandbox.run({ ...command, cwd: `${sandbox.paths.workspace}/x\ny` })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await sandbox.run({ ...command, cwd: `${sandbox.paths.workspace}/x` })).toMatchObject({ exitCode: 125 });
    expect(await readdir(stateDir)).toEqual([]);
    expect((await run('true')).exitCode).toBe(0);
  });

  test('a program that is missing ends with 127 and its name in the output', async () => {
    const { run } = await aSandbox({ mode });
    const { exitCode, output } = await run('', { argv: ['no-such-program'] });
    expect(exitCode).toBe(127);
    expect(output).toContain('no-such-program');
  });

  test('a command waits while its output is not taken', async () => {
    const { run, workDir } = await aSandbox({ mode });
    const twentyMiB = 20 * 1024 ** 2;
    const done = join(workDir, 'done');
    let total = 0;
    const { exitCode } = await run(`head -c ${twentyMiB} /dev/zero; : >done`, {
      onOutput: async (bytes) => {
        // Whole other commands pass meanwhile; unhindered, 20 MiB take a few milliseconds.
        if (total === 0) for (let others = 0; others < 3; others += 1) await run('true');
        if (total === 0) await expect(access(done)).rejects.toThrow('ENOENT');
        total += bytes.length;
      },
    });
    expect([exitCode, total]).toEqual([0, twentyMiB]);
    await access(done);
  });

  test('when its output cannot be taken the command is killed and the reason thrown', async () => {
    const { run } = await aSandbox({ mode });
    const failing = run('yes', {
      onOutput: () => {
        throw new Error('log is gone');
      },
    });
    await expect(failing).rejects.toThrow('log is gone');
  });

  test('a kill ends it at once, what it started included', async () => {
    const { sandbox, run } = await aSandbox({ mode });
    let heard = '';
    const result = await run('sleep 600 & echo started; wait', {
      onOutput: (bytes) => {
        heard += Buffer.from(bytes).toString();
        sandbox.kill();
      },
    });
    expect(heard).toBe('started\n');
    expect(result).toMatchObject({ ended: 'killed', exitCode: undefined });
  });

  test('an abort signal kills', async () => {
    const { run } = await aSandbox({ mode });
    const abort = new AbortController();
    const result = await run('echo started; sleep 600', { signal: abort.signal, onOutput: () => abort.abort() });
    expect(result.ended).toBe('killed');
    expect((await run('sleep 600', { signal: AbortSignal.abort() })).ended).toBe('killed');
  });

  test('at its wall-clock limit it is killed', async () => {
    const { run } = await aSandbox({ mode, limits: { wallClockMs: 300 } });
    expect((await run('sleep 600')).ended).toBe('timed_out');
  });

  test('an interrupt reaches the command itself, once', async () => {
    const { sandbox, run } = await aSandbox({ mode });
    let heard = '';
    const script = 'trap "echo interrupted; exit 7" INT; echo ready; while :; do read x <hold; done 2>/dev/null';
    await run('mkfifo hold');
    const { exitCode } = await run(script, {
      onOutput: async (bytes) => {
        const piece = Buffer.from(bytes).toString();
        heard += piece;
        if (piece.includes('ready')) expect(await sandbox.interrupt()).toBe(true);
      },
    });
    expect([exitCode, heard]).toEqual([7, 'ready\ninterrupted\n']);
    expect(await sandbox.interrupt()).toBe(false);
  });

  test('the session is served from the endpoint that the environment names', async () => {
    const session = {
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: new Secret('session-secret'),
      sessionToken: new Secret('session-token'),
      expiresAt: new Date('2030-01-01T00:00:00Z'),
    };
    const { run } = await aSandbox({ mode, credentials: { current: async () => session } });
    const { output } = await run(`
      rest=\${AWS_CONTAINER_CREDENTIALS_FULL_URI#http://}
      printf 'GET /%s HTTP/1.0\\r\\nAuthorization: %s\\r\\n\\r\\n' "\${rest#*/}" "$AWS_CONTAINER_AUTHORIZATION_TOKEN" |
        socat -T5 - "TCP:\${rest%%/*}"
      env | grep -c session-`);
    expect(output).toContain('"SecretAccessKey":"session-secret"');
    // Not in the environment.
    expect(output).toMatch(/}0\n$/);
  });

  test('the proxy that the environment names carries what is allowed', async () => {
    const port = await anEchoServer();
    const connected: string[] = [];
    const target = `echo.example:${port}`;
    const { run } = await aSandbox({
      mode,
      egress: {
        allow: [target],
        resolve: async () => ['127.0.0.1'],
        onConnected: (destination) => connected.push(destination),
      },
    });
    const { output } = await run(`
      proxy=\${HTTPS_PROXY#http://}
      echo through | socat -T5 - "PROXY:\${proxy%:*}:${target},proxyport=\${proxy#*:}"`);
    expect(output).toBe('through\n');
    expect(connected).toEqual([target]);
  });

  test('an offline command is told no way out', async () => {
    const { run } = await aSandbox({ mode, credentials: { current: async () => undefined } });
    const { output } = await run('env | grep -i -e proxy -e container; echo end', { offline: true });
    expect(output).toBe('end\n');
  });

  test('a named forward leads to its target', async () => {
    const port = await anEchoServer();
    const unused = await anUnusedPort();
    const { run } = await aSandbox({
      mode,
      forwards: [{ name: 'emulator', listenPort: unused, target: { host: '127.0.0.1', port } }],
    });
    expect((await run(`echo through | socat -T5 - TCP:127.0.0.1:${unused}`)).output).toBe('through\n');
  });

  test('after closing nothing is left of it, and no command starts', async () => {
    const { sandbox, run, base } = await aSandbox({ mode });
    const runtimeDir = join(base, 'runtime');
    await mkdir(runtimeDir);
    await chmod(runtimeDir, 0o755);
    const other = await aSandbox({ mode, runtimeDir, credentials: { current: async () => undefined } });
    expect(await readdir(runtimeDir)).toHaveLength(1);
    await other.sandbox.close();
    expect(await readdir(runtimeDir)).toEqual([]);
    await sandbox.close();
    await expect(run('true')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('closing ends what runs', async () => {
    const { sandbox, run } = await aSandbox({ mode });
    const started = Promise.withResolvers<void>();
    const running = run('echo started; sleep 600', { onOutput: () => started.resolve() });
    await started.promise;
    await sandbox.close();
    expect((await running).ended).toBe('killed');
  });
});

describe('bubblewrap', () => {
  test('an offline command has no way out', async () => {
    const { run } = await aSandbox({ credentials: { current: async () => undefined } });
    const { output } = await run('ls /run; socat - TCP:127.0.0.1:3128 2>&1', { offline: true });
    expect(output).toMatch(/^relay.sh\n.*Connection refused/);
  });

  test('a further folder is read and cannot be written, whoever owns it', async () => {
    const base = await mkdtemp(join(tmpdir(), 'gh-test-'));
    onTestFinished(() => rm(base, { recursive: true }));
    await writeFile(join(base, 'plan'), 'sealed', { mode: 0o400 });
    const { sandbox, run } = await aSandbox({ readOnlyDirs: [{ host: base, inside: '/opt/plan' }] });
    await sandbox.adopt(base);
    const { output } = await run('cat /opt/plan/plan; chmod 600 /opt/plan/plan; rm -f /opt/plan/plan; echo $PATH');
    expect(output).toContain('sealed');
    expect(output.match(/Read-only file system/g)).toHaveLength(2);
    expect(output.trim().split('\n').at(-1)).not.toContain('/opt/plan');
    expect(await readFile(join(base, 'plan'), 'utf8')).toBe('sealed');
  });

  test('what is put into folders that are filled later is given by adopting it', async () => {
    const { sandbox, run, workDir } = await aSandbox({ filledLater: true });
    await writeFile(join(workDir, 'late'), 'late', { mode: 0o600 });
    await sandbox.adopt(workDir);
    expect((await run('cat late')).output).toBe('late');
  });

  test('tools come first on the path, read-only', async () => {
    const { base } = await aSandbox();
    const tools = join(base, 'tools');
    await mkdir(tools);
    await writeFile(join(tools, 'terraform'), '#!/bin/sh\necho ours\n', { mode: 0o755 });
    await chmod(base, 0o755);
    const { run } = await aSandbox({ toolDirs: [{ host: tools, inside: '/opt/terraform' }] });
    const { output } = await run('', { argv: ['sh', '-c', 'terraform; ( : >/opt/terraform/x ) 2>&1'] });
    expect(output).toMatch(/^ours\n.*(Read-only|denied|cannot create)/);
  });

  test.runIf(isRoot)('folders that the run could not walk to are shown to it all the same', async () => {
    const { base } = await aSandbox();
    const locked = join(base, 'locked');
    for (const path of [locked, join(locked, 'work'), join(locked, 'state')]) await mkdir(path);
    await chmod(locked, 0o700);
    const { run } = await aSandbox({ workDir: join(locked, 'work'), stateDir: join(locked, 'state') });
    const { output, exitCode } = await run('echo w >/workspace/w && echo s >/state/s && cat /workspace/w /state/s');
    expect([exitCode, output]).toEqual([0, 'w\ns\n']);
    expect((await stat(join(locked, 'work', 'w'))).uid).toBe(31_000);
  });

  test.runIf(isRoot)('without an unprivileged uid a worker that is root refuses', async () => {
    await expect(aSandbox({ identity: { uid: 0, gid: 0 } })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.runIf(isRoot)('what was put into its folders later can be handed over', async () => {
    const { sandbox, run, workDir } = await aSandbox();
    await writeFile(join(workDir, 'late'), '', { mode: 0o600 });
    expect((await run('echo x >>late')).exitCode).not.toBe(0);
    await sandbox.adopt(join(workDir, 'late'));
    expect((await run('echo x >>late')).exitCode).toBe(0);
  });

  test('two runs at a time see each their own processes only', async () => {
    const [one, two] = await Promise.all([aSandbox(), aSandbox()]);
    const inside: string[] = [];
    const list = 'cat /proc/[0-9]*/cmdline | tr "\\0" " "';
    await one.run('mkfifo hold; echo held-by-one; read x <hold', {
      onOutput: async () => {
        inside.push((await two.run(list)).output);
        one.sandbox.kill();
      },
    });
    expect(inside[0]).toContain('/run/relay.sh');
    expect(inside[0]).not.toContain('held-by-one');
  });

  test('a socket path that is too long is said so', async () => {
    const { base } = await aSandbox();
    const runtimeDir = join(base, 'x'.repeat(100));
    await mkdir(runtimeDir);
    await expect(aSandbox({ runtimeDir })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readdir(runtimeDir)).toEqual([]);
  });
});

describe('mode none', () => {
  test('what leaves the process group does not hold the command up', async () => {
    const { run } = await aSandbox({ mode: 'none' });
    const { output, exitCode } = await run(
      'setsid sh -c "echo \\$\\$ >pid; exec sleep 600" & until [ -s pid ]; do :; done; cat pid',
    );
    process.kill(Number(output), 'SIGKILL');
    expect(exitCode).toBe(0);
  });

  test('a forward to its own loopback port needs nothing', async () => {
    const port = await anEchoServer();
    const forwards = [{ name: 'emulator', listenPort: port, target: { host: '127.0.0.1', port } }];
    const { run } = await aSandbox({ mode: 'none', forwards });
    expect((await run(`echo through | socat -T5 - TCP:127.0.0.1:${port}`)).output).toBe('through\n');
  });
});

async function anUnusedPort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  server.close();
  await once(server, 'close');
  return port;
}
