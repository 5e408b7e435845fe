import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { backendFor } from '../forced-backend.ts';
import { ownFiles } from '../own-files.ts';
import { need, type Step } from '../phase.ts';

/** Our local backend wins over whatever the configuration says, `cloud` blocks included. */
export const writeBackendOverride: Step = {
  doing: 'setting the backend',
  async run(phase) {
    const { host, below } = need(phase, 'directory');
    const override = { terraform: { backend: { local: backendFor(below) } } };
    await writeFile(path.join(host, ownFiles.backend), JSON.stringify(override), { flag: 'wx', mode: 0o600 });
    return undefined;
  },
};
