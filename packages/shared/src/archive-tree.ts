import path from 'node:path';
import { GatehouseError } from './gatehouse-error.ts';

export type EntryKind = 'file' | 'folder' | 'link';

/** What an archive's entries make together, known by their names before anything is written. */
export class ArchiveTree {
  readonly #limits: { entries: number; depth: number };
  readonly #kinds = new Map<string, EntryKind>();
  readonly #links = new Map<string, string>();
  #entries = 0;

  constructor(limits: { entries: number; depth: number }) {
    this.#limits = limits;
  }

  /** Names and targets. A target is inner also as the kernel follows it: through whatever other link it leads. */
  get links(): ReadonlyMap<string, string> {
    return this.#links;
  }

  /** Throws `configuration_invalid`, with the name, for what may not be. */
  add(name: string, kind: EntryKind, target = ''): void {
    this.#entries++;
    requireInner(name);
    const normal = path.posix.normalize(name).replace(/\/$/, '');
    const steps = normal === '.' ? [] : normal.split('/');
    if (steps.length === 0 && kind !== 'folder') throw refuse(`"${shownName(name)}" is the archive's own folder`);
    if (steps.length > this.#limits.depth) throw refuse(`"${shownName(name)}" lies in too many folders`);
    for (let length = 1; length < steps.length; length++) {
      // Folders that no entry names are made all the same, and count.
      this.#note(steps.slice(0, length).join('/'), 'folder', name);
    }
    if (steps.length > 0) this.#note(normal, kind, name);
    if (kind !== 'link') return;
    requireInnerTarget(normal, target);
    this.#links.set(normal, target);
  }

  #note(place: string, kind: EntryKind, name: string): void {
    const known = this.#kinds.get(place);
    if (known !== undefined && known !== kind) {
      throw refuse(`"${shownName(name)}" needs "${shownName(place)}" to be a ${kind}, and it is a ${known}`);
    }
    this.#kinds.set(place, kind);
    if (Math.max(this.#entries, this.#kinds.size) > this.#limits.entries) {
      throw refuse(`it has more than ${this.#limits.entries} entries`);
    }
  }
}

function requireInner(name: string): void {
  const normal = path.posix.normalize(name);
  if (path.posix.isAbsolute(name) || name.includes('\0') || normal === '..' || normal.startsWith('../')) {
    throw refuse(`"${shownName(name)}" leads out of the archive`);
  }
  // A name may not even pass through `..`: extractors differ on what that means.
  if (name.split('/').includes('..')) throw refuse(`"${shownName(name)}" holds a ".."`);
}

function requireInnerTarget(name: string, target: string): void {
  if (path.posix.isAbsolute(target)) throw refuse(`the link "${shownName(name)}" leads to an absolute path`);
  // `..` after a name may step out through another link; in front it climbs real folders only.
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const firstName = steps.findIndex((step) => step !== '..');
  if (firstName >= 0 && steps.includes('..', firstName)) {
    throw refuse(`the link "${shownName(name)}" leads through a ".."`);
  }
  const reached = path.posix.join(path.posix.dirname(name), target);
  if (target.includes('\0') || reached === '..' || reached.startsWith('../')) {
    throw refuse(`"${shownName(name)}" leads out of the archive`);
  }
}

export function refuse(why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('configuration_invalid', `The configuration archive was refused: ${why}.`, { cause });
}

const longestShown = 200;

/** An entry's name for a sentence: of a bounded length, without control characters. */
export function shownName(name: string): string {
  return name.replace(/\p{Cc}/gu, '?').slice(0, longestShown);
}
