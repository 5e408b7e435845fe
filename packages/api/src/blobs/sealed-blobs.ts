import { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import { type BlobContent, type BlobStore, checkBlobKey } from './blob-store.ts';

/** Small enough to seal in memory for many uploads at once, large enough that a header of 150 bytes is nothing. */
const pieceBytes = 1024 * 1024;
const newline = 0x0a;

/**
 * A store whose blobs are sealed before they are written: a stolen disk, or a backup, shows nothing. A blob is a list
 * of lines, each a sealed piece of at most 1 MiB. Every piece is bound to its blob and its place, and the last one says
 * that it is the last, so none can be moved, left out, or cut off unnoticed (`unauthorized` while reading).
 */
export function sealedBlobs(store: BlobStore, sealer: Sealer): BlobStore {
  return {
    put: (key, content) => store.put(key, sealPieces(sealer, key, content)),
    async get(key) {
      const stream = await store.get(key);
      return stream === undefined ? undefined : Readable.from(unsealPieces(sealer, key, stream));
    },
    has: (key) => store.has(key),
    delete: (key) => store.delete(key),
  };
}

function pieceContext(key: string, index: number, isLast: boolean): string {
  return `blob/${key}#${index}${isLast ? '/last' : ''}`;
}

async function* sealPieces(sealer: Sealer, key: string, content: BlobContent): AsyncGenerator<Buffer> {
  checkBlobKey(key);
  let index = 0;
  // One piece is held back until it is known whether another follows.
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of piecesOf(content)) {
    if (held.length > 0) yield await sealPiece(sealer, held, pieceContext(key, index++, false));
    held = piece;
  }
  yield await sealPiece(sealer, held, pieceContext(key, index, true));
}

async function sealPiece(sealer: Sealer, piece: Uint8Array, context: string): Promise<Buffer> {
  return Buffer.from(`${await sealer.seal(piece, context)}\n`, 'latin1');
}

async function* piecesOf(content: BlobContent): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    for (let start = 0; start < chunk.length; ) {
      const part = chunk.subarray(start, start + pieceBytes - length);
      parts.push(part);
      length += part.length;
      start += part.length;
      if (length === pieceBytes) {
        yield Buffer.concat(parts, length);
        parts = [];
        length = 0;
      }
    }
  }
  if (length > 0) yield Buffer.concat(parts, length);
}

async function* unsealPieces(sealer: Sealer, key: string, stream: Readable): AsyncGenerator<Uint8Array> {
  let index = 0;
  let held: string | undefined;
  for await (const line of linesOf(stream)) {
    if (held !== undefined) yield await sealer.unseal(held, pieceContext(key, index++, false));
    held = line;
  }
  if (held === undefined) throw new GatehouseError('internal', `The stored blob ${key} is empty.`);
  const last = await sealer.unseal(held, pieceContext(key, index, true));
  // Readable.from would take an empty chunk as it is; a consumer need not see it.
  if (last.length > 0) yield last;
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('latin1');
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  // A line without its end was cut off; what is left cannot be opened, which says so.
  if (parts.length > 0) yield Buffer.concat(parts).toString('latin1');
}
