import { finished } from '../outcome.ts';
import { need, type Step } from '../phase.ts';

export const concludePlan: Step = {
  doing: 'ending the plan',
  async run(phase) {
    const { hasChanges, counts } = need(phase, 'plan');
    return finished(hasChanges, counts);
  },
};
