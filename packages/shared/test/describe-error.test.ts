import { expect, test } from 'vitest';
import { describeError } from '../src/describe-error.ts';
import { GatehouseError } from '../src/gatehouse-error.ts';

test('an error is told with its causes, without other fields and without what a parser failed on', () => {
  let parser: unknown;
  try {
    JSON.parse('hunter2-secret is not JSON');
  } catch (error) {
    parser = error;
  }
  const middle = Object.assign(new Error('in the middle', { cause: parser }), { request: 'hunter2-secret' });
  const told = describeError(new GatehouseError('unavailable', 'The outermost.', { cause: middle }));
  expect(told).toMatchObject({
    errorCode: 'unavailable',
    message: 'The outermost.',
    cause: { message: 'in the middle', cause: { name: 'SyntaxError' } },
  });
  expect(JSON.stringify(told)).not.toContain('hunter2');
});

test('the code of an error is told, unless somebody could have chosen it', () => {
  const coded = (code: unknown) => describeError(Object.assign(new Error('x'), { code }));
  expect(coded('SQLITE_FULL')).toMatchObject({ code: 'SQLITE_FULL' });
  expect(coded('hunter2')).not.toHaveProperty('code');
  expect(coded({ deep: 'hunter2' })).not.toHaveProperty('code');
});
