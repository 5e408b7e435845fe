import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { expect, test } from 'vitest';
import { describeError } from '../../src/lanes/worker-logger.ts';

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
