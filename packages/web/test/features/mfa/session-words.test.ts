import { expect, test } from 'vitest';
import { clockTime } from '../../../src/components/duration-words.ts';
import {
  authenticatedWithWords,
  extendConsent,
  extendedWords,
  notExtendedWords,
  sessionFate,
  tooShortWords,
} from '../../../src/features/mfa/session-words.ts';

const at = new Date(2026, 4, 3, 15, 3).getTime();

test('without a code: when terraform is interrupted, and what stays', () => {
  expect(extendConsent('apply', at).body).toContain(
    'Without one it is interrupted at 15:03. What is done is saved in the state.',
  );
  expect(extendConsent('plan', undefined).body).toContain(
    'Without one it is interrupted before the session ends. A plan changes nothing.',
  );
  expect(notExtendedWords('apply', at).body).toContain(`interrupted at ${clockTime(at)}`);
});

test('extended: until when and by whom, as far as it is known', () => {
  expect(extendedWords(at, 'bob')).toEqual({
    title: 'Session extended until 15:03',
    body: 'Authenticated with MFA by bob. Terraform goes on.',
  });
  expect(extendedWords(undefined, undefined)).toEqual({ title: 'Session extended', body: 'Terraform goes on.' });
});

test('too short is told with both lengths, or with the one that is known', () => {
  expect(tooShortWords('plan', undefined)).toBeUndefined();
  expect(tooShortWords('plan', { expectedSeconds: 60, limitSeconds: 900, isEnough: true })).toBeUndefined();
  expect(tooShortWords('plan', { expectedSeconds: 1_290, limitSeconds: 900, isEnough: false })?.body).toBe(
    'AWS gives a session of at most 15 min here. This plan usually takes about 22 min. Another code will then be asked for while it runs.',
  );
  expect(tooShortWords('apply', { expectedSeconds: undefined, limitSeconds: 900, isEnough: false })?.body).toContain(
    'This apply may take longer than that.',
  );
});

test('what becomes of a session: asked for before, not to be extended, or over', () => {
  const asked = { isExtendable: true, stopsAt: at };
  expect(sessionFate(asked, at - 1)).toBe(
    'Another code is asked for before it ends. Without one terraform is interrupted at 15:03.',
  );
  expect(sessionFate({ ...asked, isExtendable: false }, at - 1)).toContain('cannot be extended');
  expect(sessionFate({ isExtendable: true, stopsAt: undefined }, at)).toBe('Another code is asked for before it ends.');
  expect(sessionFate(asked, at)).toBe('Terraform was interrupted at 15:03.');
});

test('whose device it was', () => {
  expect(authenticatedWithWords('bob', { label: '…4821:mfa/bob', owner: 'own' })).toBe(
    'with bob’s own device …4821:mfa/bob',
  );
  expect(authenticatedWithWords('bob', { label: '…4821:mfa/ops', owner: 'organization' })).toBe(
    'with the organization’s device …4821:mfa/ops',
  );
});
