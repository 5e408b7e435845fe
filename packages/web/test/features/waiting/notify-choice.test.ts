import { expect, test } from 'vitest';
import { notifyState } from '../../../src/features/waiting/notify-choice.ts';

const storage = (choice: string | null) => ({ getItem: () => choice });

test.each([
  ['over plain http', false, 'granted', 'on', 'insecure'],
  ['never asked', true, 'default', null, 'off'],
  ['allowed, but never turned on here', true, 'granted', null, 'off'],
  ['allowed and turned on', true, 'granted', 'on', 'on'],
  ['turned off again', true, 'granted', 'off', 'off'],
  ['denied by the browser', true, 'denied', 'on', 'denied'],
] as const)('%s', (_, isSecureContext, permission, choice, state) => {
  expect(notifyState({ isSecureContext, Notification: { permission }, storage: storage(choice) })).toBe(state);
});

test('a browser without notifications has none', () => {
  expect(notifyState({ isSecureContext: true, Notification: undefined, storage: storage('on') })).toBe('unsupported');
});
