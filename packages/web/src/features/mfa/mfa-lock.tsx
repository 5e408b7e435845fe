import {
  IconCheck,
  IconClockX,
  IconLock,
  IconLockMinus,
  IconLockOpen,
  IconLockOpen2,
  IconLockX,
  type TablerIcon,
} from '@tabler/icons-react';
import { type LockState, lockWords } from './lock-states.ts';
import css from './mfa-lock.module.css';

const icons: Record<LockState, TablerIcon> = {
  off: IconLockOpen2,
  waiting: IconLock,
  exchanging: IconLock,
  authenticated: IconLockOpen,
  refused: IconLockX,
  expired: IconClockX,
  'no-tries': IconLockMinus,
};

/** The lock beside a phase. Its words, which say the same, always stand beside it: see `lockWords`. */
export function MfaLock({ state, username }: { state: LockState; username?: string }) {
  const Icon = icons[state];
  return (
    <span
      className={css['lock']}
      role="img"
      aria-label={lockWords(state, username)}
      aria-busy={state === 'exchanging'}
      data-testid="mfa-lock"
      data-state={state}
    >
      <Icon size={18} aria-hidden />
      {state === 'authenticated' && <IconCheck className={css['check']} size={12} stroke={3} aria-hidden />}
    </span>
  );
}
