// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are terraform's templates
import { chunksOf, maxChunkBytes } from '@gatehouse/shared/log-stream';
import { Secret } from '@gatehouse/shared/secret';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { LogEvent } from '../../../packages/api/src/logs/log-event.ts';
import { gapFiller } from '../../../packages/api/src/logs/log-gap.ts';
import { unframedLog } from '../../../packages/api/src/logs/unframed-log.ts';
import { RememberedBytes } from '../../../packages/worker/src/logs/remembered-bytes.ts';
import { MaskStream, SecretMask } from '../../../packages/worker/src/logs/secret-mask.ts';
import { SizeCap } from '../../../packages/worker/src/logs/size-cap.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((one, other) => one - other);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}
const places = fc.array(fc.nat(10_000), { maxLength: 12 });

const goEscaped = (json: string) =>
  json.replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
/** What secret-variants.ts promises, made otherwise than there. */
const forms: Record<string, (secret: string) => string> = {
  raw: (secret) => secret,
  json: (secret) => JSON.stringify({ a: secret }),
  'json in json': (secret) => JSON.stringify(JSON.stringify([secret])),
  go: (secret) => goEscaped(JSON.stringify({ a: secret })),
  'go in go': (secret) => goEscaped(JSON.stringify(goEscaped(JSON.stringify(secret)))),
  hcl: (secret) => JSON.stringify(secret).replaceAll('${', '$${').replaceAll('%{', '%%{'),
  query: (secret) => `?a=${encodeURIComponent(secret)}&b`,
  form: (secret) => `a=${encodeURIComponent(secret).replaceAll('%20', '+')}`,
  url: (secret) => encodeURI(`https://host/${secret}`),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  'basic auth': (secret) => Buffer.from(`user:${secret}`).toString('base64'),
  'base64url between others': (secret) => Buffer.from(`ab${secret}cd`).toString('base64url'),
};

const letter = fc.constantFrom(
  ...'abAB01',
  ' ',
  '"',
  '\\',
  '<',
  '&',
  '/',
  '+',
  '$',
  '{',
  '%',
  'ä',
  '😀',
  '\u2028',
  '\t',
  '=',
);
const secret = fc.string({ unit: letter, minLength: 8, maxLength: 24 }).filter((text) => text.trim().length >= 8);

row(
  {
    area: 'Parsers',
    harm: 'secrets in each promised encoding, several and overlapping ones, cut at any byte of a log',
    holds: 'no form of one is in the log, what is no part of one is, and the cuts change nothing',
    isChosen: true,
  },
  () => {
    const part = fc.tuple(fc.nat(3), fc.constantFrom(...Object.keys(forms)));
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(part, { maxLength: 5 }),
        places,
        (secrets, parts, cuts) => {
          const mask = new SecretMask();
          for (const one of secrets) mask.add(new Secret(one));
          const shown = parts.map(([index, form]) => forms[form]?.(secrets[index] ?? 'plain') ?? '');
          const bytes = Buffer.from(`~~begin~~${shown.map((text) => `~~${text}~~`).join('\n')}~~end~~`);
          const stream = new MaskStream(mask);
          const chunks = cut(bytes, cuts).map((chunk) => Uint8Array.from(stream.push(chunk)));
          const text = Buffer.concat([...chunks, stream.end()]).toString();
          expect(text).toBe(Buffer.from(mask.whole(bytes)).toString());
          // The middle of each, which no neighbour of the secret takes part in.
          for (const [index, form] of parts) {
            const encoded = forms[form]?.(secrets[index] ?? '') ?? '';
            const middle = Math.ceil(encoded.length / 2);
            if (secrets[index] !== undefined)
              expect(text).not.toContain(encoded.slice(Math.max(0, middle - 5), middle + 4));
          }
          expect(text.startsWith('~~begin~~')).toBe(true);
          expect(text.endsWith('~~end~~')).toBe(true);
          expect(text.split('\n').length).toBe(Math.max(1, shown.length));
        },
      ),
      numRuns(400, 20_000),
    );
  },
);

row(
  {
    area: 'Parsers',
    harm: 'logs of any bytes, cut anywhere, around the most that a log may have and that is remembered of it',
    holds: 'the first bytes pass, ended between characters and told once; what is remembered is the log from there on',
    isChosen: true,
  },
  () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Uint8Array.from(Buffer.from(text.toWellFormed()))),
    );
    fc.assert(
      fc.property(bytes, places, fc.nat(130), (all, cuts, limit) => {
        const cap = new SizeCap(limit);
        const taken = cut(all, cuts).map((chunk) => cap.take(chunk));
        const passed = Buffer.concat(taken.map((one) => one.bytes));
        const isCut = all.length > limit;
        expect(passed.equals(all.subarray(0, passed.length))).toBe(true);
        expect(taken.filter((one) => one.announcement !== undefined).length).toBe(isCut ? 1 : 0);
        if (!isCut) expect(passed.length).toBe(all.length);
        else expect(passed.length).toBeLessThanOrEqual(limit);
        const isText = Buffer.from(Buffer.from(all).toString()).equals(all);
        // Where chunks do not cut a character, neither does the cap.
        if (isText && cuts.length === 0) expect(Buffer.from(passed.toString()).equals(passed)).toBe(true);
        if (isCut && isText && cuts.length === 0) expect(passed.length).toBeGreaterThan(limit - 4);
      }),
      numRuns(500, 20_000),
    );
    fc.assert(
      fc.property(bytes, places, fc.nat(130), fc.nat(130), fc.nat(50), (all, cuts, limit, from, begin) => {
        const remembered = new RememberedBytes(limit);
        let at = begin;
        for (const chunk of cut(all, cuts)) {
          remembered.add(at, chunk);
          at += chunk.length;
        }
        let next: number | undefined;
        for (const { start, bytes: piece } of remembered.from(from)) {
          if (piece.length === 0) continue;
          if (next !== undefined) expect(start).toBe(next);
          expect(start).toBeGreaterThanOrEqual(from);
          expect(Buffer.from(piece).equals(all.subarray(start - begin, start - begin + piece.length))).toBe(true);
          next = start + piece.length;
        }
        if (next !== undefined) expect(next).toBe(at);
      }),
      numRuns(500, 20_000),
    );
    const long = Buffer.from('ä'.repeat(maxChunkBytes));
    const chunks = [...chunksOf(long)];
    expect(Buffer.concat(chunks).equals(long)).toBe(true);
    expect(
      chunks.every((chunk) => chunk.length <= maxChunkBytes && Buffer.from(chunk.toString()).length === chunk.length),
    ).toBe(true);
  },
);

row(
  {
    area: 'Parsers',
    harm: 'logs whose output has the bytes that begin and end a log, read in any pieces from any offset',
    holds: 'the pieces one after another are the log at its offsets, without its first and last byte',
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(2, 3, 10, 65, 0xc3, 0xa4), { maxLength: 40 }),
        places,
        fc.nat(45),
        async (output, cuts, from) => {
          const log = Uint8Array.from([2, ...output, 3]);
          const offset = Math.min(from, log.length);
          async function* whole(): AsyncGenerator<LogEvent> {
            let at = offset;
            for (const piece of cut(log.subarray(offset), cuts)) {
              if (piece.length > 0) yield { kind: 'bytes', startOffset: at, bytes: piece };
              at += piece.length;
            }
            yield { kind: 'end', offset: log.length };
          }
          const read: Uint8Array[] = [];
          let next: number | undefined;
          for await (const event of unframedLog(whole())) {
            if (event.kind !== 'bytes') continue;
            if (next !== undefined) expect(event.startOffset).toBe(next);
            next = event.startOffset + event.bytes.length;
            read.push(event.bytes);
          }
          expect([...Buffer.concat(read)]).toEqual([...log.subarray(Math.max(1, offset), log.length - 1)]);
          expect(gapFiller(offset, log.length).length).toBe(log.length - offset);
        },
      ),
      numRuns(600, 20_000),
    ),
);
