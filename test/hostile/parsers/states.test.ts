import fc from 'fast-check';
import { expect } from 'vitest';
import { replaceSerial } from '../../../packages/api/src/domain/replace-serial.ts';
import { parseStateFile } from '../../../packages/api/src/domain/state-file.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });

const serialKey = fc.constantFrom('"serial"', '"\\u0073erial"', '"seri\\u0061l"');
const number = fc.constantFrom('0', '7', '12', '1e2', '1.0', '10.00', '2E1', '-0', '9007199254740991');
const gap = fc.constantFrom('', ' ', '\n\t', '\r\n');
/** Things that look like the key, and numbers that reading and printing would round. */
const decoy = fc.constantFrom(
  ...[
    '"a": {"serial": 5}',
    '"b": ["serial", 5]',
    '"c": "\\"serial\\": 5"',
    '"\\\\": {"\\"": "}"}',
    '"serial ": 5',
    '"Serial": 5',
  ],
  ...['"d": 123456789012345678901234567890', '"e": 1.000', '"f": "\\\\"', '"g": {"serial": {"serial": 9}}'],
);

row(
  {
    area: 'Parsers',
    harm: 'states with their serial twice, under an escaped name, as 1e2 or 1.0, and among texts that look like it',
    holds: 'a rolled back state has the new serial as parsers read it, and every other byte as it was',
    isChosen: true,
  },
  () => {
    const part = fc.oneof(
      decoy,
      fc.tuple(serialKey, gap, number).map(([key, space, value]) => `${key}${space}:${space}${value}`),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 5 }),
        decoy,
        serialKey,
        number,
        gap,
        fc.nat(2 ** 40),
        (parts, last, key, value, space, serial) => {
          const rest = '"version": 4, "terraform_version": "1.11.4", "lineage": "ä", "outputs": {}, "resources": []';
          const text = `{${space}${[...parts, `${key}:${space}${value}`, rest].join(`${space},`)},${last}${space}}${space}`;
          const bytes = Buffer.from(text);
          expect(Number.isInteger(parseStateFile(bytes).serial)).toBe(true);
          const replaced = replaceSerial(bytes, serial).toString();
          expect(parseStateFile(Buffer.from(replaced)).serial).toBe(serial);
          const place = text.lastIndexOf(`${key}:${space}${value}${space},"version"`) + `${key}:${space}`.length;
          expect(replaced).toBe(`${text.slice(0, place)}${serial}${text.slice(place + value.length)}`);
        },
      ),
      numRuns(500, 20_000),
    );
  },
);
