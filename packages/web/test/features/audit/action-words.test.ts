import { describe, expect, test } from 'vitest';
import { textOfDetail, wordsOfAction, wordsOfDetail } from '../../../src/features/audit/action-words.ts';

describe('words of the audit log', () => {
  test.each([
    'run.session_extended',
    'run.session_revoked',
    'aws_identity.registered',
    'aws_identity.replaced',
    'aws_identity.removed',
    'aws_setup.checked',
  ])('%s has words', (action) => {
    expect(wordsOfAction(action)).not.toBe(action);
  });

  test('an action of a later version shows as it is', () => {
    expect(wordsOfAction('moon.landed')).toBe('moon.landed');
  });

  test('whose identity it was is said in words', () => {
    expect([wordsOfDetail('identity'), textOfDetail('identity', 'own')]).toEqual(['AWS identity', 'their own']);
    expect(textOfDetail('identity', 'organization')).toBe("the organization's");
    expect(wordsOfDetail('principalArn')).toBe('AWS principal');
    expect(wordsOfDetail('mfaSerial')).toBe('mfa serial');
    expect(textOfDetail('count', 3)).toBe('3');
  });
});
