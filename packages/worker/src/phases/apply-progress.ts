import { z } from 'zod';
import type { ChangeStep, PlannedChange } from './planned-changes.ts';

/** A line that is longer is none of those that are looked for, and stays so by this beginning. */
const longestLine = 64 * 1024;
const overlong = '\0';
const namedAtMost = 10;

const completed: Readonly<Record<string, ChangeStep>> = {
  Creation: 'create',
  Modifications: 'update',
  Destruction: 'delete',
};
/** Each at the beginning of a line of its own; a provisioner's output has the address and more before it. */
const begins = /^(.+?): (?:Creating|Modifying|Destroying)\.\.\./;
const ends = /^(.+?): (Creation|Modifications|Destruction) complete after /;

/** In a replacement that creates first, the old object is destroyed under this name. */
const deposed = / \(deposed object [0-9a-f]+\)$/;

/** Terraform's JSON lines (`apply -json`). A deposed object bears the address of its resource. */
const jsonLine = z.object({
  type: z.enum(['apply_start', 'apply_complete']),
  hook: z.object({ resource: z.object({ addr: z.string() }), action: z.string() }),
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: terraform colours its lines.
const colours = /\x1b\[[0-9;]*m/g;

/**
 * How far an apply came, by terraform's own words: of the changes that were planned, those whose every step it told to be
 * complete are done, and no others. Nothing is concluded from silence: an apply that was killed may have done more.
 */
export class ApplyProgress {
  readonly #open = new Map<string, Set<ChangeStep>>();
  readonly #begun = new Set<string>();
  readonly #total: number | undefined;
  readonly #decoder = new TextDecoder();
  readonly #mask: (text: string) => string;
  #rest = '';

  /** `changes` undefined: what was planned is not known. `mask`: an address may hold what is not to be told. */
  constructor(changes: readonly PlannedChange[] | undefined, mask: (text: string) => string = (text) => text) {
    this.#mask = mask;
    this.#total = changes?.length;
    for (const { address, steps } of changes ?? []) this.#open.set(address, new Set(steps));
  }

  take(output: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(output, { stream: true })).split('\n');
    const rest = lines.pop() ?? '';
    // A line without an end is not gathered.
    this.#rest = rest.length > longestLine ? overlong : rest;
    for (const line of lines) this.#read(line);
  }

  /** For the run's page; undefined when nothing is known, or nothing was to be changed. */
  sentence(isKilled = false): string | undefined {
    const total = this.#total;
    if (total === undefined || total === 0) return undefined;
    const left = [...this.#open.keys()];
    const done = total - left.length;
    const counted = `${done} of ${total} ${total === 1 ? 'change' : 'changes'} ${done === 1 ? 'was' : 'were'} applied`;
    const told = isKilled ? `${counted}, as far as terraform could tell before it was killed` : counted;
    if (left.length === 0) return `${told}.`;
    const named = left.slice(0, namedAtMost).map((address) => address + (this.#begun.has(address) ? ' (begun)' : ''));
    const more = left.length > named.length ? ` (and ${left.length - named.length} more)` : '';
    return this.#mask(`${told}; left: ${named.join(', ')}${more}.`);
  }

  #read(line: string): void {
    if (line.startsWith('{')) this.#readJson(line);
    else this.#readText(line);
  }

  #readText(line: string): void {
    const text = line.replace(colours, '').trimEnd();
    const begun = begins.exec(text)?.[1];
    if (begun !== undefined) this.#begun.add(begun);
    const [, address, word] = ends.exec(text) ?? [];
    const step = word === undefined ? undefined : completed[word];
    if (address !== undefined && step !== undefined) this.#complete(address, step);
  }

  #readJson(line: string): void {
    const read = jsonLine.safeParse(parsed(line));
    if (!read.success) return;
    const { type, hook } = read.data;
    const { addr } = hook.resource;
    if (type === 'apply_start') this.#begun.add(addr);
    else if (hook.action === 'create' || hook.action === 'update' || hook.action === 'delete') {
      this.#complete(addr, hook.action);
    }
  }

  #complete(address: string, step: ChangeStep): void {
    const name = this.#open.has(address) ? address : address.replace(deposed, '');
    const steps = this.#open.get(name);
    steps?.delete(step);
    if (steps?.size === 0) this.#open.delete(name);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
