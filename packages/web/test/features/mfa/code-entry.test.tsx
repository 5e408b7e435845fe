import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClockProvider } from '../../../src/components/clock.tsx';
import { CodeEntry, type CodeEntryProps } from '../../../src/features/mfa/code-entry.tsx';
import { wordsOfProblem } from '../../../src/features/mfa/mfa-words.ts';
import type { CodeOutcome } from '../../../src/features/mfa/use-code-sending.ts';
import { PageTheme } from '../../../src/theme/page-theme.tsx';

const start = Date.UTC(2026, 4, 3, 14, 2, 12);

function setup(props: Partial<CodeEntryProps> = {}) {
  let answer: (outcome: CodeOutcome) => void = () => {};
  const submit = vi.fn((_code: string) => new Promise<CodeOutcome>((resolve) => (answer = resolve)));
  const element = (more: Partial<CodeEntryProps>) => (
    <PageTheme>
      <ClockProvider now={Date.now}>
        <CodeEntry
          device={{ label: '…4821:mfa/ops-alice', isYours: true }}
          consentId="consent"
          triesLeft={5}
          submit={submit}
          {...props}
          {...more}
        />
      </ClockProvider>
    </PageTheme>
  );
  const view = render(element({}));
  const field = screen.getByRole<HTMLInputElement>('textbox');
  const form = field.closest('form');
  if (form === null) throw new Error('The field stands in no form.');
  return {
    submit,
    field,
    type: (text: string) => fireEvent.change(field, { target: { value: text } }),
    press: () => fireEvent.submit(form),
    answer: (outcome: CodeOutcome) => act(async () => answer(outcome)),
    rerender: (more: Partial<CodeEntryProps>) => view.rerender(element(more)),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(start);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the field', () => {
  test('is one textbox, named for its device', () => {
    const { field } = setup();
    expect(screen.getAllByRole('textbox')).toEqual([field]);
    expect(screen.getByLabelText('Code from MFA device …4821:mfa/ops-alice (yours)')).toBe(field);
    expect(field.getAttribute('inputmode')).toBe('numeric');
    expect(field.getAttribute('autocomplete')).toBe('one-time-code');
    expect(field.hasAttribute('maxlength')).toBe(false);
    expect(field.getAttribute('aria-describedby')).toContain('consent');
    expect(field.getAttribute('aria-invalid')).toBe('false');
  });

  test('sends nothing by itself, however long six digits stand in it', () => {
    const { type, submit } = setup();
    type('123456');
    act(() => vi.advanceTimersByTime(10_000));
    expect(submit).not.toHaveBeenCalled();
  });

  test('says what is wrong with fewer digits, and sends nothing', () => {
    const { type, press, submit } = setup();
    type('1234');
    press();
    expect(submit).not.toHaveBeenCalled();
    expect(screen.getByText(/A code has six digits\. This has 4\./)).toBeDefined();
  });

  test('is emptied by Escape', () => {
    const { type, field } = setup();
    type('1234');
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(field.value).toBe('');
  });
});

describe('sending', () => {
  test('is done once, by a double press too, and keeps the field where it is', async () => {
    const { type, press, submit, field, answer } = setup();
    type('048315');
    press();
    press();
    expect(submit.mock.calls).toEqual([['048315']]);
    expect(field.readOnly).toBe(true);
    expect(screen.getByRole('button', { name: 'Checking' })).toBeDefined();
    await answer({ kind: 'accepted' });
    expect(field.value).toBe('');
    expect(submit).toHaveBeenCalledTimes(1);
  });

  test('says so when AWS is slow', async () => {
    const { type, press, answer } = setup();
    type('048315');
    press();
    act(() => vi.advanceTimersByTime(3_100));
    expect(screen.getByText('AWS is slow to answer.')).toBeDefined();
    act(() => vi.advanceTimersByTime(7_000));
    expect(screen.getByText('Still checking; the outcome appears here.')).toBeDefined();
    await answer({ kind: 'accepted' });
  });

  test('that was refused empties the field, keeps the focus in it and says why, once', async () => {
    const { type, press, field, answer, submit } = setup();
    type('123456');
    press();
    await answer({
      kind: 'refused',
      words: wordsOfProblem('mfa_rejected'),
      awsSaid: 'MultiFactorAuthentication failed',
    });
    expect(screen.getAllByRole('alert')).toHaveLength(1);
    expect(screen.getByRole('alert').textContent).toContain('AWS did not accept this code');
    expect(field.value).toBe('');
    expect(document.activeElement).toBe(field);
    expect(field.getAttribute('aria-invalid')).toBe('true');
    // After a refusal nothing is spent: the next one may follow at once, and takes the alert away.
    type('654321');
    press();
    expect(submit).toHaveBeenCalledTimes(2);
    expect(screen.queryByRole('alert')).toBeNull();
    await answer({ kind: 'accepted' });
  });

  test('waits while somebody else is checking a code', () => {
    const { submit, press, type } = setup({ isExchanging: true });
    type('123456');
    press();
    expect(submit).not.toHaveBeenCalled();
  });

  test('waits for what must be done before', () => {
    const { submit, press, type } = setup({ blockedBecause: 'Type the environment’s name first.' });
    type('123456');
    press();
    expect(submit).not.toHaveBeenCalled();
    expect(screen.getByText('Type the environment’s name first.')).toBeDefined();
  });
});

describe('a code that was accepted for another run', () => {
  const spent = { until: start + 18_000, by: 'bob', environment: 'dns-prod' };

  test('blocks the rest of its half minute, and says for how long', () => {
    const { type, press, submit } = setup({ spent });
    expect(screen.getByText(/bob used this code for dns-prod\. New one in 18 s\./)).toBeDefined();
    type('123456');
    press();
    expect(submit).not.toHaveBeenCalled();
    act(() => vi.advanceTimersByTime(18_500));
    press();
    expect(submit).toHaveBeenCalledTimes(1);
  });

  test('does not block whose device runs ahead', () => {
    const { type, press, submit } = setup({ spent });
    fireEvent.click(screen.getByRole('button', { name: 'My device shows another one' }));
    type('123456');
    press();
    expect(submit).toHaveBeenCalledTimes(1);
  });
});

test('the next code is announced by the server’s clock, silently', () => {
  setup();
  expect(screen.getByRole('timer').textContent).toBe('Your device shows a new one in about 18 s.');
  act(() => vi.advanceTimersByTime(14_100));
  expect(screen.getByRole('timer').textContent).toBe('About to change; wait for the next.');
});

test('no event moves the focus', () => {
  const { rerender, field } = setup();
  document.body.focus();
  rerender({ autoFocus: true, triesLeft: 4, lastRefusal: { words: wordsOfProblem('mfa_rejected') } });
  expect(document.activeElement).not.toBe(field);
});
