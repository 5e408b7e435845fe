import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ConfirmDialog, type ConfirmDialogProps } from '../../src/components/confirm-dialog.tsx';
import { PageTheme } from '../../src/theme/page-theme.tsx';

function setup(props: Partial<ConfirmDialogProps> = {}) {
  const onConfirm = vi.fn();
  const onClose = vi.fn();
  render(
    <PageTheme>
      <ConfirmDialog
        title="Cancel this apply of network-prod"
        action="Cancel this apply"
        keep="Keep it running"
        onConfirm={onConfirm}
        onClose={onClose}
        {...props}
      >
        What it has changed stays changed.
      </ConfirmDialog>
    </PageTheme>,
  );
  return {
    onConfirm,
    onClose,
    press: () => fireEvent.click(screen.getByRole('button', { name: 'Cancel this apply' })),
  };
}

test('it is an alert dialog, named for what it does, and begins on the safe button', () => {
  setup();
  const dialog = screen.getByRole('alertdialog', { name: 'Cancel this apply of network-prod' });
  expect(dialog.hasAttribute('open')).toBe(true);
  expect(document.activeElement?.textContent).toBe('Keep it running');
});

test('the name must be typed exactly', () => {
  const { onConfirm, press } = setup({ nameToType: 'network-prod' });
  fireEvent.change(screen.getByRole('textbox'), { target: { value: 'Network-prod' } });
  press();
  expect(onConfirm).not.toHaveBeenCalled();
  fireEvent.change(screen.getByRole('textbox'), { target: { value: 'network-prod' } });
  press();
  expect(onConfirm.mock.calls).toEqual([['network-prod']]);
});

test('it is off, and says why, when the run went on meanwhile', () => {
  const { onConfirm, press } = setup({ blockedBecause: 'The run was applied meanwhile.' });
  press();
  expect(onConfirm).not.toHaveBeenCalled();
  expect(screen.getByRole('status').textContent).toBe('The run was applied meanwhile.');
});
