import fc from 'fast-check';
import type { Shape } from './sample.ts';

/** Texts that programs stumble over. */
const nasty = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\u202eabc',
  '\ud800',
  '😀'.repeat(50),
  '../../../../etc/passwd',
  "' or 1=1 --",
  '"; drop table runs; --',
  '{{7*7}}',
  '%00%2e%2e%2f',
  '\r\nSet-Cookie: a=b',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  'x'.repeat(100_000),
  '-1',
  'null',
  '2026-13-45T99:99:99Z',
  '0000-00-00T00:00:00Z',
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

const hostileNumber = fc.constantFrom(0, -1, 0.5, 2 ** 53, -(2 ** 63), 1e308, 2 ** 31, 253402300800000);

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom<unknown>(null, true, [], {}, [[]], [null], { id: null }, { length: 1e9 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/**
 * A value of the form that a schema asks for, with every field that it knows, where a leaf is now and then hostile, left
 * out, or of another kind.
 */
export function shaped(shape: Shape): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: rightKind(shape) }, { weight: 1, arbitrary: hostileValue });
}

function rightKind(shape: Shape): fc.Arbitrary<unknown> {
  if ('const' in shape) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  const choices = shape.anyOf ?? shape.oneOf ?? shape.allOf;
  if (choices !== undefined) return fc.oneof(...choices.map(rightKind));
  switch ([shape.type].flat()[0]) {
    case 'object':
      return objectOf(shape);
    case 'array':
      return fc.array(shaped(shape.items ?? {}), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.oneof(fc.nat(1000), hostileNumber);
    case 'string':
      return fc.oneof(
        hostileText,
        fc.constantFrom('name', 'a@example.com', '2030-01-01T00:00:00Z', 'https://example.com/', 'e30='),
      );
    default:
      return hostileValue;
  }
}

function objectOf(shape: Shape): fc.Arbitrary<unknown> {
  const fields = Object.entries(shape.properties ?? {}).map(([name, field]) => [name, shaped(field)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: (shape.required ?? []).filter((name) => name !== '') });
}

/** The text of a body: JSON of that form, or what no JSON library of ours would write. */
export function bodyText(shape: Shape): fc.Arbitrary<string> {
  const json = shaped(shape).map((value) => JSON.stringify(value) ?? 'null');
  return fc.oneof(
    { weight: 12, arbitrary: json },
    { weight: 1, arbitrary: json.map((text) => text.slice(0, -1)) },
    { weight: 1, arbitrary: json.map((text) => text.replace('{', '{"__proto__":{"isSiteAdmin":true},')) },
    { weight: 1, arbitrary: json.map((text) => text.replace('{', '{"constructor":{"prototype":{"role":"owner"}},')) },
    { weight: 1, arbitrary: json.map((text) => text.replace('{', '{"data":1,"data":[],')) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '',
        'null',
        '[]',
        '"text"',
        '1e400',
        '9007199254740993',
        '{"data":{"attributes":{"name":"\\ud800"}}}',
        '\ufeff{"data":{}}',
        `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
        `${'{"data":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
        '{"data":{"attributes":{"__proto__":null}}}',
      ),
    },
  );
}
