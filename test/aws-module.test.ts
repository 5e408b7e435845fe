import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';

const module = fileURLToPath(new URL('../infra/aws', import.meta.url));
const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (!mirror)
  console.warn('SKIPPED: GATEHOUSE_PROVIDER_MIRROR is not set, so the Terraform module infra/aws is not checked');

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'aws-module-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(module, join(folder, 'module'), { recursive: true, filter: (path) => !path.includes('.terraform') });
  const settings = join(folder, 'terraform.rc');
  await writeFile(
    settings,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
  );
  return (...args: string[]) =>
    execa('terraform', args, {
      cwd: join(folder, 'module'),
      env: { PATH: process.env['PATH'], HOME: folder, TF_CLI_CONFIG_FILE: settings, TF_IN_AUTOMATION: '1' },
      extendEnv: false,
      all: true,
      reject: false,
    });
}

describe.skipIf(!mirror)('the Terraform module infra/aws', () => {
  test('is formatted, valid and demands MFA in both policies', { timeout: 180_000 }, async () => {
    const terraform = await setup();
    expect(await terraform('fmt', '-check', '-recursive', '-diff')).toMatchObject({ exitCode: 0, all: '' });
    expect(await terraform('init', '-backend=false', '-input=false', '-no-color')).toMatchObject({ exitCode: 0 });
    const validation = await terraform('validate', '-json');
    expect(JSON.parse(validation.stdout)).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
    const tested = await terraform('test', '-no-color');
    expect(tested.all).toContain('Success! 6 passed, 0 failed.');
  });
});
