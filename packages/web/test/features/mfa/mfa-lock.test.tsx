import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { lockStates, lockWords } from '../../../src/features/mfa/lock-states.ts';
import { MfaLock } from '../../../src/features/mfa/mfa-lock.tsx';

test.each(lockStates)('%s is told by state, name and form', (state) => {
  render(<MfaLock state={state} username="bob" />);
  const lock = screen.getByTestId('mfa-lock');
  expect(lock.dataset['state']).toBe(state);
  expect(lock.getAttribute('role')).toBe('img');
  expect(lock.getAttribute('aria-label')).toBe(lockWords(state, 'bob'));
  expect(lock.getAttribute('aria-busy')).toBe(String(state === 'exchanging'));
});

test('no two states have the same picture, but for the ring of the one that is checked', () => {
  const pictures = lockStates.map((state) => {
    const { container, unmount } = render(<MfaLock state={state} />);
    const picture = [...container.querySelectorAll('svg')].map((svg) => svg.innerHTML).join();
    unmount();
    return state === 'exchanging' ? `ring ${picture}` : picture;
  });
  expect(new Set(pictures).size).toBe(lockStates.length);
});

test('who authenticated is named in the words of the log', () => {
  expect(lockWords('authenticated', 'bob')).toBe('Authenticated with MFA by bob');
});
