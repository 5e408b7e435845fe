import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { samplePlan } from '../../../gallery/sample-plan.ts';
import { PlanSummary } from '../../../src/features/plan/plan-summary.tsx';
import { readPlan } from '../../../src/features/plan/read-plan.ts';
import { PageTheme } from '../../../src/theme/page-theme.tsx';

function setup(json: unknown = samplePlan) {
  const plan = readPlan(json);
  if (plan === undefined) throw new Error('That is no plan.');
  render(
    <PageTheme>
      <PlanSummary plan={plan} />
    </PageTheme>,
  );
}

test('counts stand as signs and words', () => {
  setup();
  expect(screen.getByLabelText('Counts').textContent).toBe('+3 to add~2 to change−/+1 to replace−1 to destroy');
  expect(screen.getByText('Terraform counts: 4 to add, 2 to change, 2 to destroy.')).toBeDefined();
});

test('a replacement is open, and says what forces it; a destruction says why', () => {
  setup();
  expect(screen.getByText('# forces replacement', { exact: false })).toBeDefined();
  expect(screen.getByRole('button', { name: /aws_eip\.old/ }).textContent).toContain('not in configuration');
});

test('a resource opens to its attributes, with sensitive ones as a word', () => {
  setup();
  fireEvent.click(screen.getByRole('button', { name: /aws_db_instance\.main/ }));
  expect(screen.getByText(/\(sensitive\) → \(sensitive\)/)).toBeDefined();
  expect(document.body.textContent).not.toContain('hunter');
});

test('addresses and actions filter', () => {
  setup();
  fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'SUBNET' } });
  expect(screen.getByText('3 shown')).toBeDefined();
  fireEvent.click(screen.getByRole('checkbox', { name: 'add 3' }));
  expect(screen.getByText('Nothing matches the filter.')).toBeDefined();
});

test('a thousand resources come in pages', () => {
  const change = { actions: ['create'], before: null, after: {} };
  setup({
    format_version: '1.2',
    resource_changes: Array.from({ length: 1_000 }, (_, index) => ({ address: `a.b[${index}]`, change })),
  });
  expect(screen.getAllByRole('button', { name: /a\.b/ })).toHaveLength(100);
  fireEvent.click(screen.getByRole('button', { name: 'Show 100 more of 900' }));
  expect(screen.getAllByRole('button', { name: /a\.b/ })).toHaveLength(200);
});

test('nothing to change is said', () => {
  setup({ format_version: '1.2' });
  expect(screen.getByText('Nothing to change. State and AWS agree.')).toBeDefined();
});
