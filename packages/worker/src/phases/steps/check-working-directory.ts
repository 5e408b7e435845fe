import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { failed } from '../outcome.ts';
import type { Step } from '../phase.ts';

/** Terraform runs where the workspace says, which may be behind a link, but never outside the tree. */
export const checkWorkingDirectory: Step = {
  doing: 'looking for the working directory',
  blame: 'working_directory_missing',
  async run({ claim, folders, made }) {
    const root = await realpath(folders.workspace);
    const wanted = path.join(root, claim.workingDirectory);
    const host = await realpath(wanted).catch(() => undefined);
    const isFolder = host !== undefined && (await stat(host)).isDirectory();
    const below = host === undefined ? '..' : path.relative(root, host);
    if (!isFolder || below === '..' || below.startsWith('../') || path.isAbsolute(below)) {
      const message = `The working directory "${claim.workingDirectory}" does not exist in the configuration.`;
      return failed('working_directory_missing', message);
    }
    made.directory = { host, below };
    return undefined;
  },
};
