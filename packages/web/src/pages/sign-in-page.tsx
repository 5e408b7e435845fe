import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearchParams } from 'react-router';
import { PageTitle } from '../components/page-title.tsx';
import { queryKeys } from '../features/live/query-keys.ts';
import { nextInWords, safeNextPath } from '../features/session/next-path.ts';
import { SignInForm } from '../features/session/sign-in-form.tsx';
import css from './sign-in-page.module.css';

/** `/sign-in?next=`: who are you, and where do you go on to? */
export function SignInPage({ onSignedIn }: { onSignedIn(): void }) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const next = safeNextPath(search.get('next'), window.location.origin);
  const goal = nextInWords(next);
  return (
    <main className={css['page']}>
      <PageTitle parts={['Sign in']} />
      <h1 className={css['brand']}>
        <img src="/favicons/gate.svg" alt="" width={32} height={32} /> Gatehouse
      </h1>
      <div className={css['panel']}>
        {goal !== undefined && <p className={css['next']}>You will go on to {goal}.</p>}
        <SignInForm
          onSignedIn={(who) => {
            onSignedIn();
            queries.clear();
            queries.setQueryData(queryKeys.session(), who);
            void navigate(next, { replace: true });
          }}
        />
      </div>
    </main>
  );
}
