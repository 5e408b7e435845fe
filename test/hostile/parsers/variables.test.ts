// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are terraform's templates
import { parseHclLiteral, textsOfHcl } from '@gatehouse/shared/hcl-literal';
import fc from 'fast-check';
import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';
import { terraformReads, terraformReadsFiles } from './terraform-reads.ts';

const sampled = <Value>(arbitrary: fc.Arbitrary<Value>, few: number, many: number): Value[] =>
  fc.sample(arbitrary, { seed: suiteSeed, numRuns: isWholeSuite ? many : few });

const piece = fc.constantFrom(
  ...[
    '${file("/etc/passwd")}',
    '%{ if true }x%{ endif }',
    '$${',
    '%%{',
    '$',
    '%',
    '{',
    '}',
    '"',
    "'",
    '\\',
    '\\n',
    '\n',
  ],
  ...[
    '\r\n',
    '\t',
    '\0',
    '\u007f',
    '\u2028',
    '😀',
    'ä',
    '<<EOT\n',
    '\nEOT\n',
    '#',
    '//',
    '/*',
    '*/',
    '=',
    ' = ',
    'true',
  ],
  ...['null', '0x10', '1e999', '9007199254740993', '__proto__', '\ufeff', '[', ']', 'victim = "x"', '-', '~'],
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }).map((any) => any.toWellFormed()),
);

row(
  {
    area: 'Parsers',
    harm: 'texts of quotes, templates, heredocs, comments, NUL and marks of every kind as values of variables',
    holds: 'the real terraform reads each as the text that it is, and no other variable has another value',
    isChosen: true,
  },
  async () => {
    const texts = sampled(text, 300, 6000);
    const names = [...texts.map((_, index) => `v${index}`), 'victim', '__proto__', 'constructor'];
    const variables = texts.map((value, index) => ({ key: `v${index}`, value, hcl: false }));
    const own = [{ key: '__proto__', value: 'own', hcl: false }];
    const { values } = await terraformReads([...variables, ...own], names);
    for (const { key, value } of variables) expect(values[key]).toBe(value.normalize('NFC'));
    expect([
      values['victim'],
      values['constructor'],
      Object.entries(values).find(([name]) => name === '__proto__'),
    ]).toEqual(['the default', 'the default', ['__proto__', 'own']]);
  },
);

/** A value, and ways to write it. */
type Literal = { value: unknown; written: string; texts: string[] };

const blank = fc.constantFrom('', ' ', '\t', ' /* no */ ', '/**/');
const wide = fc.oneof(blank, fc.constantFrom('\n', ' # in a line\n', '// ]}"\n', '\r\n'));
const quoted = text.map((value): Literal => ({ value, written: quote(value), texts: [value] }));
const heredoc = fc
  .array(fc.constantFrom('a line', '', '"', '/*', 'victim = 1', '$${x}', '}', ' EOT2', '#', '\\n'), { maxLength: 3 })
  .map((lines): Literal => {
    const body = lines.map((line) => `${line}\n`).join('');
    const value = body.replaceAll('$${', '${');
    return { value, written: `<<EOT\n${body}EOT`, texts: [value] };
  });
const plain = fc.constantFrom(true, false, null, 0, 12.5, 1e21, 'x').map((value): Literal => {
  const written = JSON.stringify(value);
  return { value, written, texts: typeof value === 'string' ? [value] : [] };
});

const { literal } = fc.letrec<{ literal: Literal }>((tie) => ({
  literal: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    quoted,
    plain,
    fc.tuple(fc.array(tie('literal'), { maxLength: 3 }), wide).map(([items, gap]) => ({
      value: items.map(({ value }) => value),
      // A heredoc ends with its line.
      written: `[${gap}${items.map(({ written }) => `${written}${written.endsWith('EOT') ? '\n' : ''}${gap},${gap}`).join('')}]`,
      texts: items.flatMap(({ texts }) => texts),
    })),
    fc
      .tuple(
        fc.uniqueArray(fc.constantFrom('a', 'b-c', '__proto__'), { maxLength: 3 }),
        fc.array(tie('literal'), { minLength: 3, maxLength: 3 }),
      )
      .map(([keys, items]) => ({
        value: Object.fromEntries(keys.map((key, index) => [key, items[index]?.value])),
        written: `{\n${keys.map((key, index) => `  ${key} = ${items[index]?.written}\n`).join('')}}`,
        texts: keys.flatMap((_, index) => items[index]?.texts ?? []),
      })),
  ),
}));
const whole = fc.oneof(literal, heredoc);

function quote(value: string): string {
  const escaped = value
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/\p{Cc}/gu, asNumbers);
  // One mark before a brace is doubled; parsers disagree on more of them, which are written as numbers.
  return `"${escaped.replace(/([$%]+)\{/g, (run, marks: string) => (marks.length === 1 ? marks + run : `${asNumbers(marks)}{`))}"`;
}

function asNumbers(characters: string): string {
  return characters.replace(/./gsu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

row(
  {
    area: 'Parsers',
    harm: 'HCL values of every form: escapes, heredocs, nested lists and objects, comments and line ends within brackets',
    holds: 'each is taken, its texts are known to the masking, and the real terraform reads what was meant',
    isChosen: true,
  },
  async () => {
    const given = sampled(fc.tuple(whole, blank), 200, 4000).map(([one, gap], index) => ({
      ...one,
      key: `v${index}`,
      written: `${gap}${one.written}${one.written.endsWith('EOT') ? '' : gap}`,
    }));
    for (const { written, texts } of given) {
      expect(parseHclLiteral(written)?.texts, written).toEqual(expect.arrayContaining(texts));
      expect(textsOfHcl(written)).toEqual(expect.arrayContaining(texts));
    }
    const { values, refused } = await terraformReads(
      given.map(({ key, written }) => ({ key, value: written, hcl: true })),
      given.map(({ key }) => key),
    );
    expect([...refused]).toEqual([]);
    for (const { key, value, written } of given) expect(values[key], written).toEqual(normalized(value));
  },
);

/** Terraform keeps texts in Unicode's composed form. */
function normalized(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'string' ? part.normalize('NFC') : part));
}

const fragment = fc.constantFrom(
  ...[
    '1',
    '"a"',
    'true',
    '"',
    '\\"',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '\t',
    '#',
    '//',
    '/*',
    '*/',
    '<<E\n',
    '<<-E\n',
    '\nE',
    '\n E',
  ],
  ...[
    'E\n',
    '\u00a0E',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    '=',
    'victim = "taken"',
    'k0 = "taken"',
    '${',
    '%{',
    '$${',
    '~}',
  ],
  ...['upper("called")', 'var.k0', '\0', '\ufeff', '\u2028', '\u0085', '$', '%', '\\', '-', '1e5', "'", '`', ';', '<<'],
);
const attack = fc.array(fragment, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));

row(
  {
    area: 'Parsers',
    harm: 'HCL values that close what they did not open, leave a comment, text or heredoc open, go on in a new line, or call',
    holds: 'what is not refused at once changes no variable but its own in the real terraform, and calls nothing',
    isChosen: true,
  },
  async () => {
    // One comment is left open by one value and closed by another: both would stand in one file.
    const pair = [
      '"${upper("x")}"',
      '"$$${x}"',
      '"%{ if true }x"',
      '1 /*',
      '*/ 2',
      '1\nvictim = "taken"',
      '1)',
      '<<E\nx\n',
      '"a',
      '',
      ' ',
      '# 1',
      '1 2 // ${',
    ];
    for (const bad of pair.slice(0, 12)) expect(parseHclLiteral(bad), bad).toBeUndefined();
    const attacks = [...new Set([...pair, ...sampled(attack, 20_000, 400_000)])];
    let taken = attacks.filter((value) => parseHclLiteral(value) !== undefined).slice(0, isWholeSuite ? 2000 : 400);
    expect(taken.length).toBeGreaterThan(100);
    const named = (values: readonly string[]) =>
      values.flatMap((value, index) => [
        { key: `a${index}`, value, hcl: true },
        // What closes a comment that was left open.
        { key: `k${index}`, value: '"kept" /* */', hcl: true },
      ]);
    // What terraform refuses ends the run. The others, when they stand together: what do they do?
    for (let refused: ReadonlySet<string> = new Set(['any']); refused.size > 0; ) {
      const all = named(taken);
      const files = taken.map((value, index) => [
        `a${index}.auto.tfvars`,
        `a${index} = ${value}\nk${index} = "kept" /* */\n`,
      ]);
      refused = (await terraformReadsFiles(Object.fromEntries(files), ['victim', ...all.map(({ key }) => key)]))
        .refused;
      taken = taken.filter((_, index) => !refused.has(`a${index}.auto.tfvars`));
    }
    expect(taken.length).toBeGreaterThan(50);
    const all = named(taken);
    const { values, refused } = await terraformReads(all, ['victim', ...all.map(({ key }) => key)]);
    expect([...refused]).toEqual([]);
    for (const index of taken.keys()) expect(values[`k${index}`], taken[index]).toBe('kept');
    const byDefault = Object.entries(values).filter(([, value]) => JSON.stringify(value)?.includes('the default'));
    expect(byDefault).toEqual([['victim', 'the default']]);
    expect(JSON.stringify(values)).not.toContain('CALLED');
  },
);
