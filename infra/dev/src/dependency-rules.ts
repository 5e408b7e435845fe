/** A package of the lockfile, as it says where it comes from. */
export type LockedPackage = { id: string; resolution: string };

/** What an installed package says of itself. */
export type InstalledPackage = { id: string; name: string; license: string; hasInstallScript: boolean };

/** A manifest of ours: where it stands, and what it asks for. */
export type Manifest = { file: string; wants: Readonly<Record<string, string>> };

/**
 * Licenses that ask for no more than being named, or that leave what links to an unchanged package alone (MPL-2.0,
 * LGPL). Others are a decision, with a line in docs/decisions/0012-dependencies.md, before they are put here.
 */
const licenses: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'LGPL-3.0+',
  'LGPL-3.0-or-later',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
];

/** Packages of pnpm's lockfile (version 9), which has one line `resolution: {…}` below the id of each. */
export function lockedPackages(lockfile: string): LockedPackage[] {
  const section = /^packages:\n([\s\S]*?)^snapshots:/m.exec(lockfile)?.[1] ?? '';
  return [...section.matchAll(/^ {2}'?([^\s'][^\n]*?)'?:\n {4}resolution: (\{.*\})$/gm)].map(([, id, resolution]) => ({
    id: id ?? '',
    resolution: resolution ?? '',
  }));
}

/** Each has to come from the registry, with the checksum of what was reviewed. */
export function unpinned(locked: readonly LockedPackage[]): string[] {
  return locked
    .filter(({ resolution }) => !/^\{integrity: sha512-[A-Za-z0-9+/]{86}==\}$/.test(resolution))
    .map(({ id, resolution }) => `${id}: its source is no checksum of the registry's: ${resolution}`);
}

/** A range would let the lockfile's next writing decide. */
export function ranges(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap(({ file, wants }) =>
    Object.entries(wants)
      .filter(([, version]) => !/^(catalog:|workspace:\*|\d+\.\d+\.\d+(-[\w.]+)?)$/.test(version))
      .map(([name, version]) => `${file}: ${name} is asked for as "${version}", not as one version`),
  );
}

/** `allowed`: package name → whether its script may run, as pnpm-workspace.yaml says. */
export function unjudgedScripts(
  installed: readonly InstalledPackage[],
  allowed: Readonly<Record<string, boolean>>,
): string[] {
  return installed
    .filter(({ name, hasInstallScript }) => hasInstallScript && allowed[name] === undefined)
    .map(({ id }) => `${id} has an install script; allow or refuse it under allowBuilds in pnpm-workspace.yaml`);
}

/** `A OR B` is ours to choose, `A AND B` binds with both (SPDX license expressions). */
export function foreignLicenses(installed: readonly InstalledPackage[]): string[] {
  return installed
    .filter(({ license }) => {
      const choices = license.replaceAll(/[()]/g, '').split(' OR ');
      return !choices.some((choice) => choice.split(' AND ').every((one) => licenses.includes(one.trim())));
    })
    .map(({ id, license }) => `${id} has the license "${license}", which is not among the accepted ones`);
}

/** Every outside library that we ask for by name is named, in backticks, in the table of reasons; and no other is. */
export function unexplained(manifests: readonly Manifest[], table: string): string[] {
  const asked = new Set(
    manifests.flatMap(({ wants }) => Object.keys(wants)).filter((name) => !name.startsWith('@gatehouse/')),
  );
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const named = new Set(
    rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')),
  );
  return [
    ...[...asked].filter((name) => !named.has(name)).map((name) => `${name} has no reason in the table`),
    ...[...named].filter((name) => !asked.has(name)).map((name) => `${name} is in the table, and nobody asks for it`),
  ];
}
