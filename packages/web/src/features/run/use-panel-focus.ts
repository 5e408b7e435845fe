import { type RefObject, useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import type { Gate } from './gate-of-run.ts';

/**
 * Whether the field takes the focus: as the page comes up, for a plan, where there is no on-screen keyboard to come up
 * with it. For an apply the plan is read first. No later event moves the focus.
 */
export function useFirstFocus(gate: Gate): boolean {
  const { hash } = useLocation();
  const [first] = useState(() => ({
    id: gate.kind === 'code' && gate.phase === 'plan' ? gate.mfa.challengeId : undefined,
    isWanted: hash === '' && window.matchMedia('(pointer: fine)').matches,
  }));
  return first.isWanted && gate.kind === 'code' && first.id === gate.mfa.challengeId;
}

/** A panel that had the focus and is gone would leave it nowhere: what came instead gets it. */
export function useFocusAfterPanel(panel: RefObject<HTMLElement | null>, gate: Gate): void {
  const key = gate.kind === 'code' || gate.kind === 'extend' ? gate.mfa.challengeId : gate.kind;
  const hadFocus = useRef(false);
  const last = useRef(key);
  useEffect(() => {
    const onFocus = () => {
      hadFocus.current = panel.current?.contains(document.activeElement) ?? false;
    };
    document.addEventListener('focusin', onFocus);
    onFocus();
    return () => document.removeEventListener('focusin', onFocus);
  }, [panel]);
  useEffect(() => {
    if (last.current === key) return;
    last.current = key;
    if (!hadFocus.current || document.activeElement !== document.body) return;
    hadFocus.current = false;
    document.querySelector<HTMLElement>('[data-testid="run-page"] section h2')?.focus({ preventScroll: true });
  }, [key]);
}
