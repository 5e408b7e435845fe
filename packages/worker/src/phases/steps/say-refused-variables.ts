import { withheldVariables } from '@gatehouse/shared/mfa-level';
import { need, type Step } from '../phase.ts';
import { isRefusedVariable } from '../run-environment.ts';

/** Says which environment variables terraform does not get, and why: silence would look like a defect. */
export const sayRefusedVariables: Step = {
  doing: 'looking through the variables',
  async run(phase) {
    const names = need(phase, 'variables')
      .filter(({ category, key }) => category === 'env' && isRefusedVariable(key) && !withheldVariables.includes(key))
      .map(({ key }) => key);
    for (const name of names)
      phase.log.say(`the environment variable ${name} is left out: it would change how Gatehouse runs terraform.`);
    return undefined;
  },
};
