import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliFolder } from './cli-folder.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse.stop());

test('a workspace with execution mode local plans and applies on the laptop, with its state in Gatehouse', async () => {
  await gatehouse.workspace('laptop', { 'execution-mode': 'local' });
  const { terraform, start } = await cliFolder(gatehouse, { workspace: 'laptop', files: smallConfiguration });
  expect(await terraform(['init'])).toMatchObject({ exitCode: 0 });
  expect((await terraform(['plan'])).all).toContain('Plan: 2 to add');
  const apply = start(['apply']);
  await apply.until(/Enter a value:/);
  apply.type('yes\n');
  expect((await apply.ended).all).toContain('Apply complete! Resources: 2 added');
  const { stdout } = await terraform(['output', '-json']);
  expect(JSON.parse(stdout)).toMatchObject({ result: { value: 'first', type: 'string' } });
});
