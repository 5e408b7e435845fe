import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseHclLiteral } from '@gatehouse/shared/hcl-literal';
import { failed } from '../outcome.ts';
import { ownFiles } from '../own-files.ts';
import { need, type Step } from '../phase.ts';

/** What terraform takes as the name of an input variable. */
const identifier = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * Terraform variables go into files of the tree, sensitive or not: argv can be read by everything in the run, and a file
 * outranks what the configuration sets itself. The files go with the tree into the sealed plan, so that the apply has
 * the values that were planned with, and are gone with the folder.
 */
export const writeVariables: Step = {
  doing: 'writing the variables',
  async run(phase) {
    const { host } = need(phase, 'directory');
    const all = need(phase, 'variables').filter(({ category }) => category === 'terraform');
    const usable = all.filter(({ key }) => identifier.test(key));
    for (const { key } of all.filter((variable) => !usable.includes(variable))) {
      phase.log.say(
        `the variable "${key.replace(/\P{ASCII}|\p{Cc}/gu, '?')}" is left out: terraform takes no such name.`,
      );
    }
    // The api refuses them as well; what was set before it did may still be there.
    const broken = usable.find(({ hcl, value }) => hcl && parseHclLiteral(value) === undefined);
    if (broken !== undefined) {
      const message = `The HCL of the variable "${broken.key}" is not one value: it could change other variables.`;
      return failed('configuration_invalid', message);
    }
    const literals = usable.filter(({ hcl }) => !hcl).map(({ key, value }) => [key, value]);
    const expressions = usable.filter(({ hcl }) => hcl).map(({ key, value }) => `${key} = ${value}\n`);
    const files = [
      [ownFiles.variables, literals.length === 0 ? '' : JSON.stringify(Object.fromEntries(literals))],
      [ownFiles.expressions, expressions.join('')],
    ] as const;
    for (const [name, content] of files) {
      if (content !== '') await writeFile(path.join(host, name), content, { flag: 'wx', mode: 0o600 });
    }
    return undefined;
  },
};
