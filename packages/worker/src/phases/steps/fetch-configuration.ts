import { rm } from 'node:fs/promises';
import path from 'node:path';
import { unpackConfiguration } from '@gatehouse/shared/configuration-archive';
import type { Step } from '../phase.ts';

export const fetchConfiguration: Step = {
  doing: 'fetching the configuration',
  async run({ api, folders, stop }) {
    const archive = path.join(folders.root, 'configuration.tar.gz');
    await api.fetchConfiguration(archive, stop.signal);
    await unpackConfiguration(archive, folders.workspace);
    await rm(archive);
    return undefined;
  },
};
