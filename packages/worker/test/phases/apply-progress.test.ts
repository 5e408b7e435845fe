import { expect, test } from 'vitest';
import { ApplyProgress } from '../../src/phases/apply-progress.ts';
import { changesOf, type PlannedChange } from '../../src/phases/planned-changes.ts';

const create = (address: string): PlannedChange => ({ address, steps: ['create'] });
const bold = (text: string) => `\u001b[0m\u001b[1m${text}\u001b[0m\u001b[0m\n`;

/** In pieces that are cut anywhere. */
function told(changes: PlannedChange[] | undefined, output: string, isKilled = false): string | undefined {
  const progress = new ApplyProgress(changes);
  const bytes = Buffer.from(output);
  for (let start = 0; start < bytes.length; start += 7) progress.take(bytes.subarray(start, start + 7));
  return progress.sentence(isKilled);
}

const five = [
  create('aws_x.a'),
  create('module.m["ü: x"].aws_x.b[0]'),
  { address: 'aws_x.c', steps: ['delete', 'create'] },
  { address: 'aws_x.d', steps: ['update'] },
  { address: 'aws_x.e', steps: ['delete'] },
] satisfies PlannedChange[];

test('done is what terraform says is complete; of a replacement, both of its halves', () => {
  const output =
    bold('aws_x.c: Destroying... [id=1]') +
    bold('aws_x.a: Creating...') +
    bold('aws_x.a: Creation complete after 1s [id=2]') +
    bold('aws_x.c: Destruction complete after 2s') +
    bold('aws_x.c: Creating...') +
    bold('module.m["ü: x"].aws_x.b[0]: Creating...') +
    bold('module.m["ü: x"].aws_x.b[0]: Creation complete after 1s [id=3]') +
    bold('aws_x.d: Modifying... [id=4]');
  expect(told(five, output)).toBe('2 of 5 changes were applied; left: aws_x.c (begun), aws_x.d (begun), aws_x.e.');
});

test('what a program of the run prints is no word of terraform', () => {
  const output = `aws_x.a (local-exec): aws_x.d: Modifications complete after 1s\n\u001b[31m│\u001b[0m aws_x.e: Destruction complete after 0s\nnobody.knows: Creation complete after 1s\n`;
  expect(told(five, output)).toMatch(/^0 of 5 changes were applied; left: aws_x.a, /);
});

test('a replacement that creates first destroys the old object under another name', () => {
  const changes: PlannedChange[] = [{ address: 'aws_x.a', steps: ['create', 'delete'] }];
  expect(
    told(
      changes,
      `${bold('aws_x.a: Creation complete after 1s [id=1]')}${bold('aws_x.a (deposed object 0a1b2c3d): Destruction complete after 1s')}`,
    ),
  ).toBe('1 of 1 change was applied.');
});

test('JSON lines tell the same', () => {
  const line = (type: string, addr: string, action: string) =>
    `${JSON.stringify({ '@level': 'info', '@message': 'x', type, hook: { resource: { addr }, action } })}\n`;
  const output =
    line('apply_start', 'aws_x.a', 'create') +
    line('apply_complete', 'aws_x.a', 'create') +
    line('apply_start', 'aws_x.d', 'update') +
    line('apply_errored', 'aws_x.d', 'update') +
    line('apply_complete', 'aws_x.e', 'delete') +
    '{"type":"apply_complete" broken\n';
  expect(told(five, output)).toMatch(/^2 of 5 changes .* aws_x.c, aws_x.d \(begun\)\.$/);
});

test('many are counted, not named; what is not known is not said', () => {
  const many = Array.from({ length: 14 }, (_, index) => create(`aws_x.a[${index}]`));
  expect(told(many, '')).toMatch(
    /^0 of 14 changes were applied; left: aws_x\.a\[0\], .*aws_x\.a\[9\] \(and 4 more\)\.$/,
  );
  expect(told(undefined, bold('aws_x.a: Creation complete after 1s'))).toBeUndefined();
  expect(told([], '')).toBeUndefined();
});

test('of a terraform that was killed it is said that it may have done more', () => {
  expect(told([create('aws_x.a')], '', true)).toBe(
    '0 of 1 change were applied, as far as terraform could tell before it was killed; left: aws_x.a.',
  );
});

test('an address that holds a secret is masked', () => {
  const progress = new ApplyProgress([create('aws_x.a["hush"]')], (text) => text.replaceAll('hush', '[masked]'));
  expect(progress.sentence()).toBe('0 of 1 change were applied; left: aws_x.a["[masked]"].');
});

test('a line without an end is not kept whole', () => {
  expect(told(five, `${'x'.repeat(200_000)}\n${bold('aws_x.a: Creation complete after 1s')}`)).toMatch(/^1 of 5/);
});

test('the changes of a plan are those that terraform tells the end of', () => {
  const change = (address: string, actions: string[], more = {}) => ({ address, ...more, change: { actions } });
  const plan = {
    resource_changes: [
      change('aws_x.kept', ['no-op']),
      change('data.aws_x.read', ['read'], { mode: 'data' }),
      change('aws_x.forgotten', ['forget']),
      change('aws_x.made', ['create'], { mode: 'managed' }),
      change('aws_x.replaced', ['delete', 'create']),
      change('aws_x.made', ['delete'], { deposed: '0a1b2c3d' }),
    ],
  };
  expect(changesOf(plan)).toEqual([
    { address: 'aws_x.made', steps: ['create'] },
    { address: 'aws_x.replaced', steps: ['delete', 'create'] },
    { address: 'aws_x.made (deposed object 0a1b2c3d)', steps: ['delete'] },
  ]);
});
