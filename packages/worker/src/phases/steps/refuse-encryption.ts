import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { failed } from '../outcome.ts';
import { need, type Step } from '../phase.ts';
import { setsEncryption } from '../tofu-encryption.ts';

const configurationFile = /\.(tf|tofu)(\.json)?$/;

/**
 * OpenTofu can encrypt the state that it writes. Nobody could store, show or diff such a state, and an apply would only
 * find out when it has changed the world; so it is refused before anything runs. Environment variables that do the same
 * are left out (`run-environment.ts`).
 */
export const refuseEncryption: Step = {
  doing: 'looking through the configuration',
  async run(phase) {
    if (need(phase, 'terraform').engine !== 'tofu') return undefined;
    const { host } = need(phase, 'directory');
    for (const name of (await readdir(host)).filter((file) => configurationFile.test(file))) {
      // A folder, or a link to nothing: OpenTofu says so itself.
      const text = await readFile(path.join(host, name), 'utf8').catch(() => '');
      if (!setsEncryption(name, text)) continue;
      return failed(
        'configuration_invalid',
        `${name} sets up OpenTofu's encryption. Gatehouse seals states and plans itself and cannot read encrypted ones: remove the encryption block.`,
      );
    }
    return undefined;
  },
};
