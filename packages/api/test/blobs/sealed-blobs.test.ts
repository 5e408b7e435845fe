import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { describe, expect, test } from 'vitest';
import { type BlobStore, readBlob } from '../../src/blobs/blob-store.ts';
import { sealedBlobs } from '../../src/blobs/sealed-blobs.ts';

/** A store whose bytes the test can look at and turn round. */
function setup() {
  const stored = new Map<string, Buffer>();
  const store: BlobStore = {
    async put(key, content) {
      const parts: Uint8Array[] = [];
      for await (const part of content instanceof Uint8Array ? [content] : content) parts.push(part);
      stored.set(key, Buffer.concat(parts));
    },
    get: async (key) => {
      const bytes = stored.get(key);
      // In small pieces, as a file would come.
      return (
        bytes &&
        Readable.from(
          (function* () {
            for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
          })(),
        )
      );
    },
    has: async (key) => stored.has(key),
    delete: async (key) => void stored.delete(key),
  };
  const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
  const lines = (key: string) => (stored.get(key) ?? Buffer.alloc(0)).toString('latin1').trimEnd().split('\n');
  const setLines = (key: string, all: string[]) => stored.set(key, Buffer.from(`${all.join('\n')}\n`, 'latin1'));
  return { stored, blobs: sealedBlobs(store, sealer), lines, setLines };
}

const mebibyte = 1024 * 1024;

describe('a sealed blob', () => {
  test.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte, 3.5 * mebibyte])(
    'of %i bytes comes back to the byte',
    async (size) => {
      const { blobs } = setup();
      const bytes = randomBytes(size);
      await blobs.put('states/a', bytes);
      expect((await readBlob(blobs, 'states/a'))?.equals(bytes)).toBe(true);
    },
  );

  test('shows nothing of what it holds', async () => {
    const { blobs, stored } = setup();
    await blobs.put('states/a', Buffer.from('{"password": "hunter2-marker"}'));
    const bytes = stored.get('states/a') ?? Buffer.alloc(0);
    expect(bytes.includes('hunter2')).toBe(false);
    expect(bytes.includes(Buffer.from('hunter2-marker').toString('base64url').slice(2, 12))).toBe(false);
  });

  test.each([
    ['cut off between pieces', (all: string[]) => all.slice(0, -1)],
    ['cut off inside a piece', (all: string[]) => all.with(-1, all.at(-1)?.slice(0, 100) ?? '')],
    ['out of order', (all: string[]) => all.toReversed()],
    ['with a piece left out', (all: string[]) => all.toSpliced(1, 1)],
    ['with a piece twice', (all: string[]) => all.toSpliced(1, 0, all[1] ?? '')],
    [
      'changed by one letter',
      (all: string[]) => all.with(1, `${all[1]?.slice(0, -1)}${all[1]?.endsWith('A') ? 'Q' : 'A'}`),
    ],
  ])('is refused when it is %s', async (_how, change) => {
    const { blobs, lines, setLines } = setup();
    await blobs.put('states/a', randomBytes(2.5 * mebibyte));
    setLines('states/a', change(lines('states/a')));
    await expect(readBlob(blobs, 'states/a')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('is refused in the place of another', async () => {
    const { blobs, stored } = setup();
    await blobs.put('states/a', Buffer.from('mine'));
    stored.set('states/b', stored.get('states/a') ?? Buffer.alloc(0));
    await expect(readBlob(blobs, 'states/b')).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
