import { constants, inflateRawSync, inflateSync } from 'node:zlib';
import { Secret } from '@gatehouse/shared/secret';
import { variantsOf } from '../../../packages/worker/src/logs/secret-variants.ts';

// Looks for canaries in bytes: in every form that a program could have given them, and in what is packed inside.

/** Bytes with a name that a finding can be followed to. */
export type Leaving = { place: string; name: string; bytes: Uint8Array };

export type Finding = { form: string; place: string; name: string };

/** Shorter forms turn up by chance in what is sealed. */
const shortest = 8;

/** The forms in which a program may write a text without wanting to: what logs mask, and what encodings of bytes make. */
export function formsOf(text: string): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(text);
  const html = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const forms = new Map<string, Buffer>();
  for (const variant of variantsOf(new Secret(text)))
    forms.set(`as logs mask it (${forms.size})`, Buffer.from(variant));
  forms.set('raw', bytes);
  forms.set('hex', Buffer.from(bytes.toString('hex')));
  forms.set('HEX', Buffer.from(bytes.toString('hex').toUpperCase()));
  forms.set('HTML by numbers', Buffer.from(html));
  forms.set('HTML by names', Buffer.from(text.replace(/[&<>"']/g, (mark) => named[mark as keyof typeof named])));
  forms.set('UTF-16LE', Buffer.from(text, 'utf16le'));
  forms.set('UTF-16BE', Buffer.from(text, 'utf16le').swap16());
  forms.set('reversed', Buffer.from([...text].reverse().join('')));
  forms.set('a list of numbers', Buffer.from([...bytes].join(',')));
  for (const [name, form] of forms) if (form.length < shortest && name !== 'raw') forms.delete(name);
  return forms;
}

/** A code is six digits, which also are part of times and ids: only alone they count as one. */
export function isCodeIn(bytes: Uint8Array, code: string): boolean {
  return new RegExp(`(?<![0-9A-Za-z.+/_-])${code}(?![0-9A-Za-z+/_-])`).test(Buffer.from(bytes).toString('latin1'));
}

/** Where a text is, in any form. */
export function search(text: string, leavings: readonly Leaving[]): Finding[] {
  const forms = [...formsOf(text)];
  return leavings.flatMap(({ place, name, bytes }) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return forms.filter(([, form]) => buffer.includes(form)).map(([form]) => ({ form, place, name }));
  });
}

/** The same bytes, and what is packed in them wherever it begins: gzip, zlib and members of zip archives. */
export function unpacked(leaving: Leaving, depth = 3): Leaving[] {
  if (depth === 0) return [leaving];
  const buffer = Buffer.from(leaving.bytes);
  const inner = [...packedIn(buffer)].flatMap(({ at, bytes }) =>
    unpacked({ ...leaving, name: `${leaving.name} > packed at ${at}`, bytes }, depth - 1),
  );
  return [leaving, ...inner];
}

const packers: readonly { magic: Buffer; unpack: (bytes: Buffer) => Buffer }[] = [
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), unpack: gunzipFirst },
  ...[0x01, 0x5e, 0x9c, 0xda].map((level) => ({
    magic: Buffer.from([0x78, level]),
    unpack: (bytes: Buffer) => inflateSync(bytes, whatThereIs),
  })),
  {
    magic: Buffer.from('PK\x03\x04', 'latin1'),
    unpack: (bytes) => {
      const begin = 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
      return inflateRawSync(bytes.subarray(begin), whatThereIs);
    },
  },
];
/** Cut off and followed by something else, it is still read as far as it goes. */
const whatThereIs = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 * 1024 * 1024 };

/** Node's gunzip takes what follows a member for another one, and fails: its header is read here (RFC 1952, 2.3). */
function gunzipFirst(bytes: Buffer): Buffer {
  const flags = bytes.readUInt8(3);
  let begin = 10;
  if ((flags & 4) !== 0) begin += 2 + bytes.readUInt16LE(begin);
  for (const flag of [8, 16]) if ((flags & flag) !== 0) begin = bytes.indexOf(0, begin) + 1;
  if ((flags & 2) !== 0) begin += 2;
  return inflateRawSync(bytes.subarray(begin), whatThereIs);
}

function* packedIn(buffer: Buffer): Generator<{ at: number; bytes: Buffer }> {
  for (const { magic, unpack } of packers) {
    for (let at = buffer.indexOf(magic); at >= 0; at = buffer.indexOf(magic, at + 1)) {
      try {
        const bytes = unpack(buffer.subarray(at));
        // A few bytes by chance look packed, and unpack to a few bytes.
        if (bytes.length >= shortest) yield { at, bytes };
      } catch {
        // It only began like something packed.
      }
    }
  }
}
