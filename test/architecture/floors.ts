import type { Import, SourceFile } from './source-file.ts';

/**
 * Which package may use which, and the floors inside each: a file imports from its own folder or from a lower floor,
 * never upward, never from a neighbour on its floor. A name is a folder of `src` or a file beside it.
 */
type House = {
  /** Packages of ours that this one may import. */
  mayUse: readonly string[];
  /** From the top down. Without floors the package is flat: each file may use each. */
  floors?: readonly (readonly string[])[];
};

export const houses: Readonly<Record<string, House>> = {
  'packages/shared': { mayUse: [] },
  'packages/api': {
    mayUse: ['@gatehouse/shared'],
    floors: [
      ['main', 'backup-main', 'reseal-main'],
      ['app', 'backup', 'reseal'],
      ['routes', 'plugins', 'loops'],
      ['services'],
      ['store', 'queue', 'logs', 'blobs', 'webhooks'],
      ['domain'],
      ['config', 'clock', 'logger'],
    ],
  },
  'packages/worker': {
    mayUse: ['@gatehouse/shared'],
    floors: [['main'], ['lanes'], ['phases'], ['sandbox', 'sts', 'logs', 'api-client', 'terraform'], ['config']],
  },
  'packages/web': {
    mayUse: ['@gatehouse/shared'],
    floors: [['main'], ['app'], ['pages'], ['features'], ['components', 'api-client'], ['theme']],
  },
  'infra/sts-emulator': { mayUse: [] },
  'infra/dev': { mayUse: ['@gatehouse/shared', '@gatehouse/sts-emulator'] },
};

/** One sentence for each import that breaks a rule. */
export function brokenFloors(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => file.imports.flatMap((used) => complaint(file, used) ?? []));
}

function complaint(file: SourceFile, used: Import): string | undefined {
  const name = houseOf(file.path);
  const house = name === undefined ? undefined : houses[name];
  if (name === undefined || house === undefined)
    return `${file.path} is in no package that test/architecture/floors.ts knows.`;
  const where = `${file.path}:${used.line}`;
  if (!used.isRelative) {
    if (!used.target.startsWith('@gatehouse/')) return undefined;
    const other = used.target.split('/').slice(0, 2).join('/');
    return house.mayUse.includes(other) ? undefined : `${where} imports ${other}, which ${name} may not know.`;
  }
  if (houseOf(used.target) !== name || !used.target.startsWith(`${name}/src/`)) {
    return `${where} imports ${used.target}, which is outside of its own package's src.`;
  }
  if (house.floors === undefined) return undefined;
  const from = placeOf(file.path);
  const to = placeOf(used.target);
  if (from === to) return undefined;
  const fromFloor = house.floors.findIndex((floor) => floor.includes(from));
  const toFloor = house.floors.findIndex((floor) => floor.includes(to));
  if (fromFloor === -1) return `${file.path}: "${from}" has no floor in ${name}; give it one or move the file.`;
  if (toFloor === -1) return `${where} imports from "${to}", which has no floor in ${name}.`;
  if (toFloor === fromFloor) return `${where} imports from "${to}", its neighbour on the same floor as "${from}".`;
  if (toFloor < fromFloor) return `${where} imports upward: "${to}" stands above "${from}".`;
  return undefined;
}

/** `packages/api/src/routes/runs.ts` → `packages/api`. */
export function houseOf(path: string): string | undefined {
  return Object.keys(houses).find((name) => path.startsWith(`${name}/`));
}

/** `packages/api/src/routes/runs.ts` → `routes`; `packages/api/src/clock.ts` → `clock`. */
function placeOf(path: string): string {
  return (path.split('/')[3] ?? '').replace(/\.tsx?$/, '');
}
