import { lstat, mkdir, mkdtemp, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { layOutLinks, mirroredLinks, mirrorHas } from '../../src/phases/mirrored-links.ts';

const aws = 'registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64';
const own = 'example.com/acme/own/1.0.0-rc.1+b/linux_amd64';

async function setup() {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'gh-links-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  const providers = path.join(folder, '.terraform', 'providers');
  const link = async (place: string, target: string) => {
    await mkdir(path.dirname(path.join(providers, place)), { recursive: true });
    await symlink(target, path.join(providers, place));
  };
  return { folder, providers, link };
}

describe('providers of a plan', () => {
  test('that are all links into the mirror are laid out again as they were', async () => {
    const { folder, link } = await setup();
    await link(aws, `/plugins/${aws}`);
    await link(own, `/plugins/${own}`);
    const found = await mirroredLinks(folder, '/plugins');
    expect(found).toEqual([own, aws]);

    const other = await setup();
    await layOutLinks(other.folder, '/mirror', found ?? []);
    expect(await readlink(path.join(other.providers, aws))).toBe(`/mirror/${aws}`);
    expect((await lstat(path.join(other.providers, path.dirname(own)))).isDirectory()).toBe(true);
    expect(await mirroredLinks(other.folder, '/mirror')).toEqual(found);
  });

  test('need nothing when there are none', async () => {
    expect(await mirroredLinks((await setup()).folder, '/plugins')).toEqual([]);
  });

  test.each([
    ['a link to another provider of the mirror', aws, `/plugins/${own}`],
    ['a link out of the mirror', aws, '/workspace/evil'],
    ['a link that walks out', aws, `/plugins/../plugins/${aws}`],
    ['a name with a line break', aws.replace('aws', 'a\nws'), `/plugins/${aws.replace('aws', 'a\nws')}`],
    ['a hidden name', aws.replace('5.100.0', '..x'), `/plugins/${aws.replace('5.100.0', '..x')}`],
    ['a link above its place', 'registry.terraform.io/hashicorp', '/plugins/registry.terraform.io/hashicorp'],
  ])('are not vouched for with %s', async (_what, place, target) => {
    const { folder, link } = await setup();
    await link(place, target);
    expect(await mirroredLinks(folder, '/plugins')).toBeNull();
  });

  test('are not vouched for when one was installed as files', async () => {
    const { folder, providers, link } = await setup();
    await link(aws, `/plugins/${aws}`);
    await mkdir(path.join(providers, own), { recursive: true });
    await writeFile(path.join(providers, own, 'terraform-provider-own'), '#!/bin/sh\n');
    expect(await mirroredLinks(folder, '/plugins')).toBeNull();
  });

  test.each(['.terraform', '.terraform/providers'])('are not looked for behind a link at %s', async (name) => {
    const { folder, link } = await setup();
    await link(aws, `/plugins/${aws}`);
    const other = await setup();
    await mkdir(path.dirname(path.join(other.folder, name)), { recursive: true });
    await symlink(path.join(folder, name), path.join(other.folder, name));
    expect(await mirroredLinks(other.folder, '/plugins')).toBeNull();
  });

  test('are not looked for where the working directory became a link', async () => {
    const { folder, link } = await setup();
    await link(aws, `/plugins/${aws}`);
    const other = await setup();
    await symlink(folder, path.join(other.folder, 'prod'));
    expect(await mirroredLinks(path.join(other.folder, 'prod'), '/plugins')).toBeNull();
  });

  test('are looked up, unpacked, in the mirror of the worker that applies', async () => {
    const { folder } = await setup();
    await mkdir(path.join(folder, aws), { recursive: true });
    expect(await mirrorHas(folder, [aws])).toBe(true);
    expect(await mirrorHas(folder, [aws, own])).toBe(false);
    expect(await mirrorHas(undefined, [aws])).toBe(false);
    expect(await mirrorHas(undefined, [])).toBe(true);
  });
});
