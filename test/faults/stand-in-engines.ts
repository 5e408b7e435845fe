import { copyFile, link, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { realTerraform } from '../../packages/worker/test/surroundings/release-server.ts';

/** Programs that do what terraform does, but for one thing; each is a version of its own that a workspace asks for. */
export type StandIns = {
  /** `GATEHOUSE_TERRAFORM_DIR` of the worker. */
  folder: string;
  /** A folder with one program `terraform`, the real one behind `onPath`, to stand first on the worker's PATH. */
  pathFolder: string;
  /**
   * The version under which a workspace gets this stand-in. `script` is bash: `$1` is terraform's command, `$real` the
   * real terraform, which is called with all arguments when the script goes on to its end.
   */
  add(script: string): Promise<string>;
  /** A version whose program is this file as it is. */
  addFile(content: Uint8Array | string, mode?: number): Promise<string>;
  /** A version whose program was built for another machine. */
  addForeign(): Promise<string>;
  remove(): Promise<void>;
};

/** In the head of an ELF file. */
const machineOffset = 18;
const headBytes = 64 * 1024;
/** EM_S390: no machine that these tests run on. */
const foreignMachine = 22;

/** `onPath`: bash that the program on PATH begins with, as `add` takes it. */
export async function makeStandIns(onPath = ''): Promise<StandIns> {
  const root = await mkdtemp(path.join(tmpdir(), 'gh-stand-ins-'));
  const folder = path.join(root, 'versions');
  const pathFolder = path.join(root, 'bin');
  const { binary } = await realTerraform();
  const real = path.join(root, 'real');
  await copyFile(binary, real);
  let made = 0;

  async function place(content: Uint8Array | string, mode: number): Promise<string> {
    made++;
    const version = `0.1.${made}`;
    const own = path.join(folder, version);
    await mkdir(own, { recursive: true });
    await writeFile(path.join(own, 'terraform'), content, { mode });
    // One copy for all: a run sees the folder of its program only.
    await link(real, path.join(own, 'real'));
    return version;
  }

  await mkdir(pathFolder, { recursive: true });
  await link(real, path.join(pathFolder, 'real'));
  await writeFile(path.join(pathFolder, 'terraform'), program(onPath), { mode: 0o755 });
  return {
    folder,
    pathFolder,
    add: (script) => place(program(script), 0o755),
    addFile: (content, mode = 0o755) => place(content, mode),
    async addForeign() {
      const file = await open(real);
      const head = Buffer.alloc(headBytes);
      await file.read(head, 0, headBytes, 0);
      await file.close();
      head.writeUInt16LE(foreignMachine, machineOffset);
      return place(head, 0o755);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

function program(script: string): string {
  return `#!/bin/bash
real="$(dirname "$0")/real"
state="/state/$TF_WORKSPACE/terraform.tfstate"
for argument; do case $argument in -out=*) out="\${argument#-out=}" ;; esac; done
${script}
exec "$real" "$@"
`;
}

/** The largest that a process has been, in bytes. */
export async function largestMemoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
