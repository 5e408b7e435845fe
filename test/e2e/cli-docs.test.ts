import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gatehouse, startGatehouse } from './stack.ts';

/**
 * The commands of docs/cli.md, run in their order by one shell: what is documented works. One that is marked `waits` runs
 * beside the one for the `other terminal` that follows it.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse?.stop());

test('the commands of docs/cli.md do what the page says', async () => {
  const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```sh *([^\n]*)\n(.*?)```/gs)].map(([, mark = '', code = '']) => ({ mark, code }));
  // A browser answers it: test/e2e/cli-login.test.ts.
  expect(blocks.filter(({ mark }) => mark === 'login')).toHaveLength(1);
  const examples = blocks.filter(({ mark }) => mark !== 'login');
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-cli-docs-'));
  const waiting = path.join(folder, 'waiting');
  const script = examples.map(({ mark, code }, at) => `printf '\\n--- ${at}\\n'\n${shellOf(mark, code, waiting)}`);
  const { dev, dataDirectory } = gatehouse.stack;
  const { stdout } = await execa('bash', ['-c', ['set -euo pipefail', ...script].join('\n')], {
    cwd: root,
    env: {
      GATEHOUSE_URL: dev.url,
      GATEHOUSE_TOKEN: dev.token,
      GATEHOUSE_DATA_DIR: dataDirectory,
      GATEHOUSE_ROOT: root,
      HOME: folder,
      TMPDIR: folder,
      CHECKPOINT_DISABLE: '1',
    },
  }).finally(() => rm(folder, { recursive: true, force: true }));

  const answers = `\n${stripVTControlCharacters(stdout)}`.split(/\n--- \d+\n/).slice(1);
  const answerTo = (text: string) => answers[examples.findIndex(({ code }) => code.includes(text))];
  expect(answerTo('terraform init')).toContain('successfully initialized');
  expect(answerTo('terraform output\n')).toMatch(/Plan: 1 to add.*Apply complete! Resources: 1 added.*"Hello, prod"/s);
  expect(answerTo('terraform plan -destroy')).toMatch(/1 to destroy.*No changes.*1 to add, 0 to change, 1 to destroy/s);
  expect(answerTo('actions/authenticate')).toMatch(/Authenticated with MFA by `demo`.*Plan: 0 to add, 1 to change/s);
  expect(answerTo('terraform show')).toMatch(/Hello, later.*Apply complete! Resources: 0 added, 1 changed/s);
  expect(answerTo('terraform state list')).toContain('terraform_data.greeting');
  expect(answerTo('terraform import')).toMatch(/Import successful!.*Successfully removed 1 resource instance/s);
  expect(answerTo('terraform force-unlock')).toContain('successfully unlocked');
  expect(answerTo('terraform workspace new')).toMatch(
    /Apply complete!.*network-prod.*network-test.*Deleted workspace/s,
  );
});

/** `npm run` belongs to the checkout, whatever folder the example has gone to. */
function shellOf(mark: string, code: string, waiting: string): string {
  const inCheckout = code.replaceAll('npm run', 'npm --prefix "$GATEHOUSE_ROOT" run');
  if (mark === 'waits')
    return `( ${inCheckout} ) > ${waiting} 2>&1 &\nuntil grep -q 'Waiting until' ${waiting}; do sleep 0.1; done`;
  if (mark === 'other terminal') return `${inCheckout}\nwait $!\ncat ${waiting}`;
  return inCheckout;
}
