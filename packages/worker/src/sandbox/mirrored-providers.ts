import { readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Source addresses (`registry.terraform.io/hashicorp/aws`) of what lies in a filesystem mirror, which is laid out as
 * host, namespace, type (terraform's "Provider Installation", filesystem_mirror). Empty without a mirror, and when it
 * cannot be read: terraform itself then says what is wrong with it.
 */
export async function mirroredProviders(mirror: string | undefined): Promise<string[]> {
  if (mirror === undefined) return [];
  let addresses = [''];
  for (let level = 0; level < 3; level++) {
    const deeper = await Promise.all(addresses.map((address) => foldersOf(mirror, address)));
    addresses = deeper.flat();
  }
  return addresses.sort();
}

async function foldersOf(mirror: string, below: string): Promise<string[]> {
  const entries = await readdir(path.join(mirror, below), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => path.posix.join(below, entry.name));
}
