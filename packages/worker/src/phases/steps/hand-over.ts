import { need, type Step } from '../phase.ts';

/** What was laid out is the run's from here on; the worker writes into it no more. */
export const handOver: Step = {
  doing: 'handing the folders over to the run',
  async run(phase) {
    const { workspace, state, plan } = phase.folders;
    const sandbox = need(phase, 'sandbox');
    await Promise.all([workspace, state, plan].map((folder) => sandbox.adopt(folder)));
    return undefined;
  },
};
