import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fitsConstraint, parseConstraint } from '@gatehouse/shared/version-constraint';
import { expect, test } from 'vitest';
import { createTerraformFinder } from '../../src/terraform/find-terraform.ts';

/** `V` is the version of the terraform that is here, `M` and `N` its first and second number. */
const templates = [
  ...[
    'V',
    '= V',
    '!= V',
    '> V',
    '>= V',
    '< V',
    '<= V',
    '~> V',
    '~> M.N',
    '~> M',
    '~> M.N.0',
    'M.N',
    'M',
    '>= M.N, < M.99',
  ],
  ...['~> 0', '~> 0.12', '~> 99', '~> M.99', '~> 0.99.0', '>= 1.5, < 1.8', '> 0.12, != V', ' >=0.12 ,<=V '],
];

test('a constraint means what the real terraform takes it for', async () => {
  const search = await createTerraformFinder({ versionsDir: undefined, searchPath: process.env['PATH'] ?? '' })(
    'latest',
  );
  if ('missing' in search) throw new Error(search.missing);
  const { version, binary } = search.found;
  const [first = '', second = ''] = version.split('.');
  const constraints = templates.map((text) =>
    text.replaceAll('V', version).replaceAll('M', first).replaceAll('N', second),
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-constraints-'));
  try {
    const calls = constraints.map((_, index) => `module "m${index}" { source = "./m${index}" }\n`);
    await writeFile(path.join(folder, 'main.tf'), calls.join(''));
    for (const [index, constraint] of constraints.entries()) {
      await mkdir(path.join(folder, `m${index}`));
      const block = `terraform { required_version = ${JSON.stringify(constraint)} }\n`;
      await writeFile(path.join(folder, `m${index}`, 'main.tf'), block);
    }
    const refused = await refusedModules(binary, folder);
    const ours = constraints.filter((constraint) => fitsConstraint(version, parseConstraint(constraint) ?? never()));
    expect(ours).toEqual(constraints.filter((_, index) => !refused.has(`m${index}`)));
    expect(ours.length).toBeGreaterThan(5);
    expect(refused.size).toBeGreaterThan(5);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Modules whose `required_version` this terraform does not meet. */
async function refusedModules(binary: string, cwd: string): Promise<Set<string>> {
  const env = { CHECKPOINT_DISABLE: '1', HOME: cwd };
  const init = await promisify(execFile)(binary, ['init', '-no-color', '-backend=false'], { cwd, env }).catch(
    (error: { stderr: string }) => error,
  );
  return new Set(
    [...init.stderr.matchAll(/^Module module\.(m\d+) .*does not support/gm)].map(([, name]) => name ?? ''),
  );
}

function never(): never {
  throw new Error('It is no constraint for us.');
}
