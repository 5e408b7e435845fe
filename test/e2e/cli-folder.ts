import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import type { Gatehouse } from './stack.ts';

/**
 * A folder of terraform files on a person's machine, with Gatehouse as its backend, and the real terraform CLI in it.
 * The CLI is told by a `host` block where the services of the host are: then it takes plain http and asks no discovery.
 */
export type CliFolder = {
  directory: string;
  /** Runs a command to its end, whatever its exit code. Answers nothing that it asks for, but for `input`. */
  terraform(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Begins a command, to talk to it while it runs. */
  start(args: readonly string[], options?: Omit<CliOptions, 'input'>): CliProcess;
  /** The same in a pseudo-terminal, where terraform asks its questions and Ctrl-C is a key. */
  inTerminal(args: readonly string[], options?: Omit<CliOptions, 'input'>): CliProcess;
};

export type CliFolderOptions = {
  /** The files of the folder, name → content; names may have folders in them. */
  files?: Readonly<Record<string, string>>;
  /** `cloud` (default), or `remote`: the older `backend "remote"`. */
  backend?: 'cloud' | 'remote';
  organization?: string;
  /** More lines of the `workspaces` block, such as `project = "…"`. */
  workspaceLines?: string;
  /** Default: that of the demo's owner. */
  token?: string;
} & ({ workspace: string } | { tags: readonly string[] } | { prefix: string });

export type CliOptions = {
  /** More of the environment; undefined takes a variable away. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** What the person types. */
  input?: string;
  /** Of another person. */
  token?: string;
  /** A terraform other than the one on PATH. */
  program?: string;
};

/** `all` is what the terminal shows, without its colours. */
export type CliResult = { exitCode: number | undefined; all: string; stdout: string; stderr: string };

export type CliProcess = {
  /** What the terminal shows so far, without its colours. */
  output(): string;
  /** Resolves when the pattern is on the terminal; throws when the command ends without it. */
  until(pattern: RegExp): Promise<void>;
  type(text: string): void;
  /** Ctrl-C. */
  interrupt(): void;
  kill(): void;
  ended: Promise<CliResult>;
};

export const cliHost = 'gatehouse.test';

/** The folder lies in the stack's own data directory and goes with it. */
export async function cliFolder(gatehouse: Gatehouse, options: CliFolderOptions): Promise<CliFolder> {
  const { dev, dataDirectory } = gatehouse.stack;
  const parent = path.join(dataDirectory, 'cli');
  await mkdir(parent, { recursive: true });
  const base = await mkdtemp(path.join(parent, 'folder-'));
  const directory = path.join(base, 'configuration');
  const home = path.join(base, 'home');
  await mkdir(home);
  const organization = options.organization ?? dev.organization;
  await writeFiles(directory, {
    ...options.files,
    'gatehouse-backend.tf': backendBlock({ ...options, organization }),
  });
  const configFile = path.join(base, 'cli.tfrc');
  await writeFile(configFile, hostBlock(dev.url));

  function begin(
    [program, ...args]: readonly [string, ...string[]],
    given: CliOptions,
    stdin: { input: string } | { stdin: 'pipe' },
  ) {
    return execa(program, args, {
      cwd: directory,
      all: true,
      reject: false,
      extendEnv: false,
      // A command that hangs should fail its test, not outlive it.
      timeout: 120_000,
      ...stdin,
      env: {
        PATH: process.env['PATH'],
        TERM: 'xterm',
        HOME: home,
        TF_CLI_CONFIG_FILE: configFile,
        CHECKPOINT_DISABLE: '1',
        [`TF_TOKEN_${cliHost.replaceAll('.', '_')}`]: given.token ?? options.token ?? dev.token,
        ...given.environment,
      },
    });
  }
  const programOf = (given: CliOptions) => given.program ?? 'terraform';
  return {
    directory,
    terraform: async (args, given = {}) =>
      resultOf(await begin([programOf(given), ...args], given, { input: given.input ?? '' })),
    start(args, given = {}) {
      const running = begin([programOf(given), ...args], given, { stdin: 'pipe' });
      return talkTo(running, args, { interrupt: () => void running.kill('SIGINT') });
    },
    inTerminal(args, given = {}) {
      // `script` of util-linux gives the command a terminal of its own, and ends with its exit code.
      const line = ['exec', programOf(given), ...args].map(shellWord).join(' ');
      const running = begin(['script', '-qefc', line, '/dev/null'], given, { stdin: 'pipe' });
      return talkTo(running, args, { interrupt: () => void running.stdin.write('\x03') });
    },
  };
}

type Running = {
  all: NodeJS.ReadableStream;
  stdin: NodeJS.WritableStream;
  kill(signal: 'SIGKILL'): boolean;
  then: Promise<Ended>['then'];
};

function talkTo(running: Running, args: readonly string[], { interrupt }: Pick<CliProcess, 'interrupt'>): CliProcess {
  const changes = new EventEmitter();
  let output = '';
  let hasEnded = false;
  const shown = () => plain(output);
  running.all.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    changes.emit('change');
  });
  const ended = running.then((result) => {
    hasEnded = true;
    changes.emit('change');
    return resultOf(result);
  });
  return {
    output: shown,
    async until(pattern) {
      while (!pattern.test(shown())) {
        if (hasEnded) throw new Error(`terraform ${args.join(' ')} ended without ${pattern}:\n${shown()}`);
        await once(changes, 'change');
      }
    },
    type: (text) => void running.stdin.write(text),
    interrupt,
    kill: () => void running.kill('SIGKILL'),
    ended,
  };
}

/** A terminal turns line ends into `\r\n`. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\r', '');
}

function shellWord(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

type Ended = { exitCode?: number | undefined; all: string; stdout: string; stderr: string };

function resultOf({ exitCode, all, stdout, stderr }: Ended): CliResult {
  const [plainAll = '', plainOut = '', plainErr = ''] = [all, stdout, stderr].map(plain);
  return { exitCode, all: plainAll, stdout: plainOut, stderr: plainErr };
}

function backendBlock(options: CliFolderOptions & { organization: string }): string {
  const selection =
    'workspace' in options
      ? `name = ${JSON.stringify(options.workspace)}`
      : 'tags' in options
        ? `tags = ${JSON.stringify(options.tags)}`
        : `prefix = ${JSON.stringify(options.prefix)}`;
  return `
terraform {
  ${options.backend === 'remote' ? 'backend "remote"' : 'cloud'} {
    hostname     = "${cliHost}"
    organization = "${options.organization}"
    workspaces {
      ${selection}
      ${options.workspaceLines ?? ''}
    }
  }
}
`;
}

function hostBlock(url: string): string {
  const services = ['tfe.v2', 'tfe.v2.1', 'tfe.v2.2', 'state.v2'];
  const lines = services.map((service) => `    "${service}" = "${url}/api/v2/"`);
  return `host "${cliHost}" {\n  services = {\n${lines.join('\n')}\n  }\n}\n`;
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
