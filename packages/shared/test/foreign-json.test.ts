import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseForeignJson, TooManyParts } from '../src/foreign-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** As the rule says, by what the parser gives: each name, each value but the last of a container, each container. */
function partsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const values = Object.values(value);
  const names = Array.isArray(value) ? 0 : values.length;
  return 1 + names + Math.max(values.length - 1, 0) + values.reduce<number>((sum, each) => sum + partsOf(each), 0);
}

test('any JSON is read as it is up to its own number of parts, and not below', () =>
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, space) => {
      const text = bytes(JSON.stringify(value, null, space));
      const parts = partsOf(JSON.parse(JSON.stringify(value)));
      expect(parseForeignJson(text, parts)).toEqual(JSON.parse(JSON.stringify(value)));
      if (parts > 0) expect(() => parseForeignJson(text, parts - 1)).toThrow(TooManyParts);
    }),
    { examples: [[['a,b:[{', '\\', '\\"', '"'], undefined]] },
  ));

test('what is no JSON, or no UTF-8, is refused', () => {
  for (const text of ['', '{', '[1,]', '"open', '"\\']) expect(() => parseForeignJson(bytes(text), 0)).toThrow();
  expect(() => parseForeignJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(TypeError);
});

test('so many tiny values that no parser should see them are refused by their number', () => {
  expect(() => parseForeignJson(bytes(`[${'0,'.repeat(4_000_001)}0]`))).toThrow('more than 4,000,000 parts');
});
