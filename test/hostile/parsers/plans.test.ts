import fc from 'fast-check';
import { expect } from 'vitest';
import { newSensitiveValue, sensitiveValue } from '../../../packages/api/src/domain/hide-texts.ts';
import { drawablePlan } from '../../../packages/api/src/domain/plan-schemas.ts';
import { redactPlan } from '../../../packages/api/src/domain/redact-plan.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });

/** As the api reads, redacts and sends it. */
function shown(planText: string, secrets: readonly string[]): string {
  return JSON.stringify(drawablePlan(redactPlan(JSON.parse(planText), secrets), undefined));
}

const canary = 'canary-7731';
const marker = 'nothing-secret';
const key = fc.constantFrom(
  'a',
  'b',
  '__proto__',
  'constructor',
  'before',
  'after_sensitive',
  '0',
  'length',
  'toString',
);
type Marked = { value: unknown; mask: unknown };

/** What is marked holds the canary in some form; what is not holds the marker. */
const marked: fc.Arbitrary<Marked> = fc.letrec<{ node: Marked }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      value: fc.constantFrom<unknown>(canary, 773_100_001, [canary, [canary]], { a: { __proto__: null, b: canary } }),
      mask: fc.constant<unknown>(true),
    }),
    // A mask of another form than the value: it cannot be told what of it is meant.
    fc
      .record({
        value: fc.constantFrom<unknown>(canary, [canary], { a: canary }, 773_100_001),
        mask: fc
          .constantFrom<unknown>('true', 1, [[true]], { b: { c: true } }, { 0: true }, 'yes')
          .filter((mask) => mask !== null),
      })
      .filter(({ value, mask }) => Array.isArray(value) !== Array.isArray(mask) || typeof value !== 'object'),
    fc.record({
      value: fc.constantFrom<unknown>(marker, [marker], { a: marker }),
      mask: fc.constantFrom<unknown>(false, null, {}, []),
    }),
    fc
      .array(tie('node'), { maxLength: 3 })
      .map((items) => ({ value: items.map((one) => one.value), mask: items.map((one) => one.mask) })),
    fc.dictionary(key, tie('node'), { maxKeys: 3 }).map((items) => ({
      value: mapped(items, (one) => one.value),
      mask: mapped(items, (one) => one.mask),
    })),
  ),
})).node;

function mapped<Value, Result>(items: Record<string, Value>, of: (value: Value) => Result): Record<string, Result> {
  return Object.fromEntries(Object.entries(items).map(([name, value]) => [name, of(value)]));
}

const change = fc.tuple(marked, marked, fc.jsonValue({ maxDepth: 2 })).map(([before, after, unknown]) => ({
  actions: ['update'],
  before: before.value,
  after: after.value,
  before_sensitive: before.mask,
  after_sensitive: after.mask,
  after_unknown: unknown,
}));

function planOf(one: object, more: object = {}): string {
  const resource = { address: 'a.b', mode: 'managed', type: 'a', name: 'b', provider_name: 'p', change: one };
  const hidden = { a: canary, number: 773_100_001, list: [canary] };
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: [resource],
    resource_drift: [resource],
    output_changes: Object.fromEntries([
      ['o', one],
      ['__proto__', one],
    ]),
    variables: { v: { value: hidden } },
    planned_values: {
      outputs: { o: { sensitive: true, value: hidden } },
      root_module: { resources: [{ values: hidden }] },
    },
    prior_state: hidden,
    configuration: hidden,
    proposed_unknown: hidden,
    checks: hidden,
    ...more,
  });
}

const part = 'Parsers';
row(
  {
    area: part,
    harm: 'plans with sensitive values of any type and depth, under any name, marked in the form that terraform uses or another',
    holds: 'none of them is in the redacted plan, what is not marked stays, and no prototype is touched',
    isChosen: true,
  },
  () => {
    fc.assert(
      fc.property(change, (one) => {
        const answer = shown(planOf(one), []);
        expect(answer).not.toContain(canary);
        expect(answer).not.toContain('773100001');
        const plain = JSON.stringify([one.before, one.after]).split(marker).length - 1;
        // In the resource, its drift and the outputs.
        if (plain > 0) expect(answer.split(marker).length - 1).toBeGreaterThanOrEqual(2 * plain);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      numRuns(1000, 15_000),
    );
  },
);

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '$', '&', '1', '.'), minLength: 4, maxLength: 9 });
const secretText = fc.oneof(
  letters,
  fc.constantFrom(
    'value',
    'sensitive',
    '(sens',
    'tive v',
    ' value)',
    'sens',
    'lue)',
    '12345678901234567890',
    '1000.50',
  ),
);

row(
  {
    area: part,
    harm: 'values of sensitive variables within texts, names and numbers of a plan, overlapping one another and the words put in their place',
    holds: 'no character of one is left, and the answer stays as large as the plan',
    isChosen: true,
  },
  () => {
    fc.assert(
      fc.property(
        fc.array(secretText, { minLength: 1, maxLength: 8 }),
        fc.array(fc.oneof(fc.nat(7), letters), { maxLength: 8 }),
        (secrets, parts) => {
          const said = parts.map((one) => (typeof one === 'number' ? (secrets[one] ?? '-') : one)).join('');
          const numbers = secrets.map(Number).filter((one) => Number.isFinite(one));
          const json = planOf({ actions: [], before: { [said]: said, numbers }, after: [said, ...numbers] });
          const redacted = redactPlan(JSON.parse(json), secrets).resource_changes?.[0]?.change;
          const rest = (text: string) =>
            text.replaceAll(newSensitiveValue, '\n').replaceAll(sensitiveValue, '\n').replaceAll('\n', '');
          const kept = [...said].filter((_, index) => !secrets.some((secret) => covers(said, secret, index))).join('');
          const [first, ...others] = Object(redacted).after;
          expect(rest(first)).toBe(kept);
          expect(others.every((one: unknown) => one === sensitiveValue)).toBe(true);
          expect(Object.keys(Object(redacted).before).map(rest)).toContain(kept);
          expect(JSON.stringify(redacted).length).toBeLessThan(40 * json.length);
        },
      ),
      numRuns(800, 10_000),
    );
  },
);

/** Whether the character belongs to an occurrence, one that overlaps others included. */
function covers(text: string, secret: string, index: number): boolean {
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
    if (at <= index && index < at + secret.length) return true;
  }
  return false;
}

row(
  {
    area: part,
    harm: 'plans nested very deep, with names twice, numbers beyond 2^53, and of no form at all',
    holds: 'they are redacted, or refused without a piece of them',
    isChosen: true,
  },
  () => {
    const depth = isWholeSuite ? 100_000 : 10_000;
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"__proto__":', '}'],
    ] as const) {
      const deep = `${open.repeat(depth)}"${canary}"${close.repeat(depth)}`;
      for (const where of ['before', 'after', 'before_sensitive', 'after_sensitive', 'after_unknown', 'importing']) {
        const text = planOf({ actions: [], [where]: 'HERE' }).replaceAll('"HERE"', deep);
        expect(shown(text, [canary]).includes(canary)).toBe(false);
      }
    }
    // Two names that become one when their texts are hidden: the mark of the one must not serve the other.
    const named = { before: { secret1: marker, secret2: canary }, before_sensitive: { secret2: true, secret1: false } };
    expect(shown(planOf(named), ['secret1', 'secret2'])).not.toContain(canary);
    const twice = planOf({ actions: [] }).replaceAll(
      '"actions":[]',
      `"after":"${canary}","after_sensitive":false,"after":"${canary}","after_sensitive":true`,
    );
    expect(shown(twice, [])).not.toContain(canary);
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('resource_changes', 'output_changes', 'format_version', 'resource_drift'),
        (odd, where) => {
          const text = planOf({ actions: [] }, { [where]: odd });
          try {
            expect(shown(text, [])).not.toContain(canary);
          } catch (error) {
            expect(String(error)).not.toContain(canary);
            expect(Object(error)).toMatchObject({ name: 'ZodError' });
          }
        },
      ),
      numRuns(400, 8_000),
    );
  },
);
