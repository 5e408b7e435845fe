// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are terraform's templates
import { Secret } from '@gatehouse/shared/secret';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MaskStream, maskText, SecretMask } from '../../src/logs/secret-mask.ts';

function maskOf(...secrets: string[]): SecretMask {
  const mask = new SecretMask();
  for (const secret of secrets) mask.add(new Secret(secret));
  return mask;
}

function stream(mask: SecretMask, chunks: readonly Uint8Array[]): string {
  const masked = new MaskStream(mask);
  return Buffer.concat([...chunks.map((chunk) => masked.push(chunk)), masked.end()]).toString('latin1');
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [
    0,
    ...[...cuts].map((place) => place % (bytes.length + 1)).sort((one, other) => one - other),
    bytes.length,
  ];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

test('every way to cut a text gives the same output', () => {
  // Few letters, so that secrets repeat, overlap, and begin inside one another.
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 6, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.array(fc.oneof(word, fc.string({ maxLength: 8 }), fc.nat({ max: 3 })), { maxLength: 12 }),
      fc.array(fc.nat({ max: 500 }), { maxLength: 20 }),
      (secrets, parts, cuts) => {
        const text = parts.map((part) => (typeof part === 'number' ? (secrets[part] ?? '') : part)).join('');
        const mask = maskOf(...secrets);
        const bytes = Buffer.from(text);
        const whole = Buffer.from(mask.whole(bytes)).toString('latin1');
        expect(stream(mask, cut(bytes, cuts))).toBe(whole);
        expect(stream(mask, cut(bytes, [...bytes.keys()]))).toBe(whole);
        for (const secret of secrets) expect(whole.includes(secret)).toBe(false);
      },
    ),
    { numRuns: 2000 },
  );
});

test('of overlapping secrets no byte is left', () => {
  const mask = maskOf('abcdefgh', 'efghijkl');
  expect(stream(mask, [Buffer.from('<abcdefghijkl>')])).toBe(`<${maskText}>`);
});

test('a secret that begins another one is masked when the other does not come', () => {
  const mask = maskOf('secret', 'secret-and-longer');
  expect(stream(mask, [Buffer.from('secret-and-'), Buffer.from('shorter')])).toBe(`${maskText}-and-shorter`);
});

test('a line without a secret passes at once', () => {
  const masked = new MaskStream(maskOf('hunter2-secret'));
  expect(Buffer.from(masked.push(Buffer.from('Plan: 1 to add\n'))).toString()).toBe('Plan: 1 to add\n');
});

test('output that repeats the beginning of a secret takes no longer than any other', () => {
  const masked = new MaskStream(maskOf(`${'a'.repeat(4_000)}b`));
  const chunk = Buffer.alloc(64 * 1024, 'a');
  const startedAt = performance.now();
  for (let count = 0; count < 64; count++) masked.push(chunk);
  masked.end();
  // Each byte tried anew against the secret, these 4 MiB took minutes.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('a secret that is added in the middle is masked where it comes from then on', () => {
  const mask = maskOf('first-secret');
  const masked = new MaskStream(mask);
  const before = Buffer.from(masked.push(Buffer.from('second-secret first-'))).toString();
  mask.add(new Secret('second-secret'));
  const after = Buffer.concat([masked.push(Buffer.from('secret second-secret')), masked.end()]).toString();
  expect(before + after).toBe(`second-secret ${maskText} ${maskText}`);
});

describe('forms of a secret', () => {
  const secret = 'p"ä<s&s\\w${x}/+rd with space\nsecond-line-of-it';
  const json = JSON.stringify(secret);
  const goJson = json.replaceAll('<', '\\u003c').replaceAll('&', '\\u0026');
  test.each([
    ['raw', secret],
    ['JSON', json],
    ['JSON as Go writes it', goJson],
    ['JSON in JSON', JSON.stringify(json)],
    ['JSON in JSON as Go writes it', JSON.stringify(goJson)],
    ['HCL', json.replaceAll('${', '$${')],
    ['a query', encodeURIComponent(secret)],
    ['a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64 behind one byte', Buffer.from(`u${secret}`).toString('base64')],
    ['base64 behind two bytes', Buffer.from(`u:${secret}`).toString('base64')],
    ['base64 of HTTP basic auth', Buffer.from(`user:${secret}@`).toString('base64')],
    ['base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['one line of it', 'second-line-of-it'],
  ])('%s', (_form, shown) => {
    const text = stream(maskOf(secret), [Buffer.from(`before ${shown} after`)]);
    expect(text).toContain(maskText);
    expect(text).not.toContain('second-line');
    // What is left of base64 at its ends takes part in a neighbour's byte.
    expect(text.replaceAll(maskText, '').length).toBeLessThanOrEqual('before  after'.length + 12);
  });
});

test('values of a few letters are not masked: every "true" would be', () => {
  expect(stream(maskOf('true', 'prod'), [Buffer.from('true in prod')])).toBe('true in prod');
});
