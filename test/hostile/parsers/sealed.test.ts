import { randomBytes } from 'node:crypto';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import fc from 'fast-check';
import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });
const ring = (...keys: string[]) => createSealer(new Secret(keys.join(',')));
const [first, second, foreign] = Array.from({ length: 3 }, () => randomBytes(32).toString('base64url'));
const sealer = ring(first ?? '', second ?? '');
const context = fc.oneof(
  fc.constantFrom(
    'variable/var-1',
    'variable/var-10',
    'session/run-1/plan',
    'session/run-1/apply',
    '',
    '/',
    'ä',
    '\u0000',
  ),
  fc.string({ maxLength: 20 }).map((text) => text.toWellFormed()),
);
const value = fc.uint8Array({ maxLength: 200 });

/** Undefined when it is refused by the named error; throws any other. */
async function opened(sealed: string, at: string, by = sealer): Promise<Uint8Array | undefined> {
  return by.unseal(sealed, at).catch((error: unknown) => {
    if (!isGatehouseError(error, 'unauthorized')) throw error;
    return undefined;
  });
}

const header = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');
/** The five parts of a JWE (RFC 7516): header, key, vector, text, tag. */
type Rework = (parts: string[]) => string[];
const reworked = fc.oneof<fc.Arbitrary<Rework>[]>(
  fc
    .constantFrom<object>(
      ...[
        { kid: 'none' },
        { alg: 'none' },
        { enc: 'A128GCM' },
        { alg: 'A256KW' },
        { zip: 'DEF' },
        { crit: ['ctx'] },
        { ctx: 'x' },
      ],
      ...[
        { alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31, p2s: 'AAAAAAAAAAAAAAAA' },
        { kid: { __proto__: 1 } },
        { kid: '__proto__' },
      ],
    )
    .map((more) => (parts) => {
      const known = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString());
      return [header({ ...known, ...more }), ...parts.slice(1)];
    }),
  fc.tuple(fc.nat(4), fc.string({ maxLength: 30 })).map(
    ([at, text]) =>
      (parts) =>
        parts.with(at, text),
  ),
  fc.nat(4).map((at) => (parts) => parts.toSpliced(at, 1)),
  fc.nat(5).map((at) => (parts) => parts.toSpliced(at, 0, parts[at] ?? '')),
  fc.constant((parts) => parts.toReversed()),
);

row(
  {
    area: 'Parsers',
    harm: 'sealed values with any character changed, cut at any place, with other headers, parts left out, doubled and made up',
    holds: 'they are refused by one error that tells nothing of the value, or are the same bytes written otherwise',
    isChosen: true,
  },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        value,
        context,
        reworked,
        fc.nat(),
        fc.integer({ min: 32, max: 126 }),
        async (bytes, at, rework, place, code) => {
          const sealed = await sealer.seal(bytes, at);
          expect(await opened(sealed, at)).toEqual(bytes);
          const parts = sealed.split('.');
          const made = rework([...parts]).join('.');
          if (made !== sealed) expect(await opened(made, at)).toBeUndefined();
          const index = place % sealed.length;
          expect(await opened(sealed.slice(0, index), at)).toBeUndefined();
          const bent = sealed.slice(0, index) + String.fromCharCode(code) + sealed.slice(index + 1);
          if (isSame(bent, sealed)) return;
          expect(await opened(bent, at), bent).toBeUndefined();
          const error = await sealer.unseal(bent, at).catch(String);
          expect(error).not.toContain(Buffer.from(bytes).toString('latin1').padEnd(4, '?'));
        },
      ),
      numRuns(150, 6000),
    );
    const sealed = await sealer.seal('every place', 'at');
    for (let length = 0; length < sealed.length; length++)
      expect(await opened(sealed.slice(0, length), 'at')).toBeUndefined();
  },
);

/** Base64 has more than one spelling of the same bytes: bits behind the last byte, and characters that readers leave out. */
function isSame(one: string, other: string): boolean {
  const [left, right] = [one.split('.'), other.split('.')];
  // The header is authenticated as it is written.
  if (left.length !== right.length || left[0] !== right[0]) return false;
  return left.every((part, index) =>
    Buffer.from(part, 'base64url').equals(Buffer.from(right[index] ?? '', 'base64url')),
  );
}

row(
  {
    area: 'Parsers',
    harm: 'values sealed for one purpose, or by another key, opened for every other',
    holds: 'they open with the key they were sealed by and for that very purpose only, also while keys are changed',
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.asyncProperty(value, fc.uniqueArray(context, { minLength: 2, maxLength: 5 }), async (bytes, contexts) => {
        const [own = '', ...others] = contexts;
        const sealed = await sealer.seal(bytes, own);
        for (const other of [...others, `${own} `, own.slice(0, -1), `${own}/`].filter((one) => one !== own)) {
          expect(await opened(sealed, other)).toBeUndefined();
        }
        expect(await opened(sealed, own, ring(second ?? '', first ?? ''))).toEqual(bytes);
        expect(await opened(sealed, own, ring(second ?? ''))).toBeUndefined();
        expect(await opened(sealed, own, ring(foreign ?? ''))).toBeUndefined();
        expect(await sealer.seal(bytes, own)).not.toBe(sealed);
      }),
      numRuns(80, 4000),
    ),
);
