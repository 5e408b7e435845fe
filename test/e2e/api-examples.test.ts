import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gatehouse, startGatehouse } from './stack.ts';

/** The shell examples of docs/api.md, run in their order by one shell: what is documented works. */
const root = fileURLToPath(new URL('../..', import.meta.url));
let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse?.stop());

test('the examples of docs/api.md do what the page says', async () => {
  const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] ?? '');
  expect(examples.length).toBeGreaterThan(5);

  const { dev, dataDirectory } = gatehouse.stack;
  const script = ['set -euo pipefail', ...examples.map((example, at) => `printf '\\n--- ${at}\\n'\n${example}`)].join(
    '\n',
  );
  const { stdout } = await execa('bash', ['-c', script], {
    cwd: root,
    env: { GATEHOUSE_URL: dev.url, GATEHOUSE_TOKEN: dev.token, GATEHOUSE_DATA_DIR: dataDirectory },
  });

  const answers = `\n${stdout}`.split(/\n--- \d+\n/);
  const answerTo = (example: string) => answers[examples.findIndex((text) => text.includes(example)) + 1];
  expect(answerTo('account/details')).toContain('"username":"demo"');
  expect(answerTo('organizations/demo/vars')).toContain('AWS_MFA_SERIAL_NUMBER');
  expect(answerTo('logs/plan')).toMatch(/1 to add, 0 to change, 0 to destroy/);
  expect(answerTo('mfa-challenges')).toMatch(/"mfa-challenges".*planned\n/s);
  expect(answerTo('actions/authenticate')).toMatch(
    /Authenticated with MFA by `demo`.*Apply complete! Resources: 1 added/s,
  );
  expect(answerTo('current-state-version-outputs')).toContain('Hello, prod');
});
