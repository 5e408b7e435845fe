import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { etcFiles } from './bubblewrap-profile.ts';
import { thisProcess, writeOwner } from './owning-process.ts';
import { relayScript } from './relay-script.ts';
import { removeTree } from './remove-tree.ts';

/** The sandbox's own folder on the host: sockets and small files, gone when it closes. */
export interface RunFolder {
  /** Only the run's identity may connect to what is in it. */
  sockets: string;
  /** Read-only files of the run: parts of /etc, the relay, terraform's CLI configuration. */
  files: string;
  /** Mount points for `staged` sources. */
  stage: (name: string) => Promise<string>;
  /** HOME and TMPDIR of mode `none`. */
  home: string;
  temporary: string;
  remove: () => Promise<void>;
}

/** By which `clearLeftRunFolders` looks for what is left of them. */
export const runFolderPrefix = 'gh-';

/** Makes it in `base` under an opaque name: a run can read the host's path of its mounts in /proc/self/mountinfo. */
export async function makeRunFolder(base: string, cliConfig: (root: string) => string): Promise<RunFolder> {
  const root = await mkdtemp(join(await realpath(base), runFolderPrefix));
  await writeOwner(root, await thisProcess());
  const folder = (name: string) => join(root, name);
  // Some thirty small steps, at once: by threads of the pool they take ten times as long.
  // Walked through by the run's user, listed by nobody else. By chmod, whatever the worker's umask is.
  for (const name of ['s', 'files', 'home', 'tmp', 'stage']) mkdirSync(folder(name));
  for (const path of [root, ...['s', 'files', 'home', 'tmp', 'stage'].map(folder)]) chmodSync(path, 0o711);
  const files = { ...etcFiles, 'gatehouse.tfrc': cliConfig(root), 'relay.sh': relayScript };
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder('files'), name);
    writeFileSync(path, content);
    chmodSync(path, 0o644);
  }
  return {
    sockets: folder('s'),
    files: folder('files'),
    home: folder('home'),
    temporary: folder('tmp'),
    async stage(name) {
      const path = join(folder('stage'), name);
      await mkdir(path);
      return path;
    },
    remove: () => removeTree(root),
  };
}
