import { useEffect, useRef } from 'react';
import type { SignedIn } from '../../api-client/session.ts';
import css from './sign-in-again.module.css';
import { SignInForm } from './sign-in-form.tsx';

/** The session ended while a page was open: sign in over it, so that nothing that was typed is lost. */
export function SignInAgain({ username, onSignedIn }: { username: string; onSignedIn(who: SignedIn): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={css['dialog']} aria-labelledby="sign-in-again">
      <h2 id="sign-in-again">You are signed out</h2>
      <p className={css['words']}>Everything on this page is as it was.</p>
      <SignInForm username={username} onSignedIn={onSignedIn} />
    </dialog>
  );
}
