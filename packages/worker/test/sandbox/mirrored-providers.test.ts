import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { mirroredProviders } from '../../src/sandbox/mirrored-providers.ts';
import { terraformCliConfig } from '../../src/sandbox/terraform-cli-config.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function setup(): Promise<string> {
  const mirror = await mkdtemp(path.join(tmpdir(), 'gh-mirror-'));
  folders.push(mirror);
  for (const name of [
    'registry.terraform.io/hashicorp/aws/5.100.0',
    'registry.terraform.io/hashicorp/random',
    'registry.opentofu.org/hashicorp/random/3.7.2',
    'h/n/t',
  ]) {
    await mkdir(path.join(mirror, name), { recursive: true });
  }
  await writeFile(path.join(mirror, 'README'), 'not a host');
  return mirror;
}

describe('a provider mirror', () => {
  test('is listed by source address', async () => {
    expect(await mirroredProviders(await setup())).toEqual([
      'h/n/t',
      // OpenTofu's own: the same provider under another address.
      'registry.opentofu.org/hashicorp/random',
      'registry.terraform.io/hashicorp/aws',
      'registry.terraform.io/hashicorp/random',
    ]);
    expect(await mirroredProviders('/nonexistent')).toEqual([]);
  });

  test('spares the registry the question for what it has', async () => {
    const mirrored = await mirroredProviders(await setup());
    const config = terraformCliConfig({ mirror: '/plugins', allowDirect: true, mirrored });
    expect(config).toContain(
      'direct { exclude = ["h/n/t","registry.opentofu.org/hashicorp/random","registry.terraform.io/hashicorp/aws"',
    );
    expect(terraformCliConfig({ mirror: '/plugins', allowDirect: true, mirrored: [] })).toContain('direct {}');
    expect(terraformCliConfig({ mirror: '/plugins', allowDirect: false, mirrored })).not.toContain('direct');
  });
});
