import { writeFile } from 'node:fs/promises';
import { markStored } from '../folder-owner.ts';
import type { Step } from '../phase.ts';

/** The workspace's current state, where terraform looks for it. */
export const layOutState: Step = {
  doing: 'reading the state',
  blame: 'state_unavailable',
  async run({ api, folders, made, stop }) {
    const state = await api.fetchState(stop.signal);
    if (state === undefined) return undefined;
    await writeFile(folders.stateFile, state, { flag: 'wx', mode: 0o600 });
    await markStored(folders.root, state);
    made.previousState = state;
    return undefined;
  },
};
