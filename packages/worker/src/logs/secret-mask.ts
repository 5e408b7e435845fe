import type { Secret } from '@gatehouse/shared/secret';
import { variantsOf } from './secret-variants.ts';

export const maskText = '[masked]';
const maskBytes = Buffer.from(maskText);

/** A trie over bytes; `ends` marks the last byte of a variant. */
type Node = { next: Map<number, Node>; ends: boolean };

const newNode = (): Node => ({ next: new Map(), ends: false });

/** The secrets of one phase, shared by its streams. */
export class SecretMask {
  /** The first byte rules out nearly every position, so it has a table. */
  readonly roots: (Node | undefined)[] = new Array(256);

  add(secret: Secret): void {
    for (const variant of variantsOf(secret)) {
      let node: Node | undefined;
      for (const byte of Buffer.from(variant)) node = this.#child(node, byte);
      if (node !== undefined) node.ends = true;
    }
  }

  #child(node: Node | undefined, byte: number): Node {
    const existing = node === undefined ? this.roots[byte] : node.next.get(byte);
    if (existing !== undefined) return existing;
    const made = newNode();
    if (node === undefined) this.roots[byte] = made;
    else node.next.set(byte, made);
    return made;
  }

  /** Masks a whole text. */
  whole(bytes: Uint8Array): Uint8Array {
    const stream = new MaskStream(this);
    return Buffer.concat([stream.push(bytes), stream.end()]);
  }
}

/**
 * Masks a stream. Every byte that belongs to an occurrence is covered, also where occurrences overlap, and however the
 * stream was cut: a position is judged only when no variant could begin there beyond what has arrived. What cannot be
 * judged yet is held back, which in a normal line is nothing.
 */
export class MaskStream {
  readonly #mask: SecretMask;
  #held: Uint8Array = new Uint8Array();
  /** Bytes of `#held` that an occurrence before it covers; the mask for them is out already. */
  #covered = 0;

  constructor(mask: SecretMask) {
    this.#mask = mask;
  }

  push(bytes: Uint8Array): Uint8Array {
    return this.#judge(this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]), false);
  }

  /** The rest: nothing follows that could complete a secret. */
  end(): Uint8Array {
    return this.#judge(this.#held, true);
  }

  #judge(bytes: Uint8Array, isEnd: boolean): Uint8Array {
    const out: Uint8Array[] = [];
    let coveredTo = this.#covered;
    let clearFrom = coveredTo;
    let position = 0;
    for (; position < bytes.length; position++) {
      const root = this.#mask.roots[bytes[position] ?? 0];
      if (root === undefined) continue;
      const length = longestMatch(root, bytes, position, isEnd);
      if (length === undefined) break;
      if (length === 0) continue;
      if (position >= coveredTo) out.push(bytes.subarray(clearFrom, position), maskBytes);
      coveredTo = Math.max(coveredTo, position + length);
      clearFrom = coveredTo;
    }
    if (clearFrom < position) out.push(bytes.subarray(clearFrom, position));
    this.#held = Uint8Array.from(bytes.subarray(position));
    this.#covered = Math.max(0, coveredTo - position);
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }
}

/** Length of the longest variant that begins here, 0 for none, undefined while a longer one may still arrive. */
function longestMatch(root: Node, bytes: Uint8Array, start: number, isEnd: boolean): number | undefined {
  let length = root.ends ? 1 : 0;
  let node: Node | undefined = root;
  for (let index = start + 1; ; index++) {
    if (node.next.size === 0) return length;
    const byte = bytes[index];
    if (byte === undefined) return isEnd ? length : undefined;
    node = node.next.get(byte);
    if (node === undefined) return length;
    if (node.ends) length = index - start + 1;
  }
}
