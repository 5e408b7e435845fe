import { errorCodes, mfaRejections } from '@gatehouse/shared/error-codes';
import { expect, test } from 'vitest';
import { isCodeProblem, wordsOfProblem } from '../../../src/features/mfa/mfa-words.ts';

test.each(mfaRejections)('%s has the title that the api gives it, and a way on', (rejection) => {
  const words = wordsOfProblem(rejection);
  expect(words.title).toBe(errorCodes[rejection].title);
  expect(words.body.length).toBeGreaterThan(20);
});

test('what is not known is left out, not shown as undefined', () => {
  for (const code of Object.keys(errorCodes)) {
    if (isCodeProblem(code)) expect(JSON.stringify(wordsOfProblem(code))).not.toContain('undefined');
  }
});

test('what is known is told', () => {
  const spent = { by: 'bob', environment: 'dns-prod', newInSeconds: 14 };
  expect(wordsOfProblem('mfa_code_already_used', { spent }).body).toBe(
    'bob used it for dns-prod. AWS takes each code once. A new one comes in 14 s.',
  );
  expect(wordsOfProblem('aws_keys_invalid', { owners: ['bob', 'carol'], keyTail: '7Q2X', until: '14:32' }).body).toBe(
    'The code was not the problem. Key …7Q2X was refused. bob or carol can replace it; the run waits until 14:32.',
  );
  expect(wordsOfProblem('mfa_code_invalid_format', { digits: 5 }).body).toContain('This has 5.');
});

test('the words never beg, blame or command', () => {
  for (const code of Object.keys(errorCodes)) {
    if (!isCodeProblem(code)) continue;
    const { title, body } = wordsOfProblem(code);
    expect(`${title} ${body}`).not.toMatch(/\b(please|sorry|invalid|you must)\b/i);
  }
});

test('of a code that would extend a session nothing says that the run did not run, or ended', () => {
  const facts = { purpose: 'extend', until: '15:03' } as const;
  expect(wordsOfProblem('mfa_deadline_passed', facts).body).toBe(
    'The deadline was 15:03. The session is not extended: terraform is interrupted at 15:03, and what is done is saved.',
  );
  expect(wordsOfProblem('mfa_too_many_attempts', facts).body).not.toMatch(/ended as errored|Nothing of this phase/);
  expect(wordsOfProblem('aws_keys_invalid', facts).body).toContain('terraform goes on until 15:03');
});

test('of a device of one’s own the way on is one’s own account', () => {
  for (const problem of ['mfa_serial_unknown', 'aws_keys_invalid'] as const) {
    const { body } = wordsOfProblem(problem, { device: 'own', owners: ['bob'] });
    expect(body).toContain('on your account page');
    expect(body).not.toMatch(/bob|Organization variables|AWS_MFA_SERIAL_NUMBER/);
  }
});
