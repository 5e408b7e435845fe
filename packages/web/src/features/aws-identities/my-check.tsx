import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { SetupCheckPanel } from '../aws-check/setup-check.tsx';
import { useSetupCheck } from '../aws-check/use-setup-check.ts';
import css from './identities.module.css';

/** Of my own identity in an organization: it begins by itself, as it was a press that opened it. */
export function MyCheck({ organization, onClose }: { organization: string; onClose(): void }) {
  const check = useSetupCheck({ organization, identity: 'own', environmentId: undefined });
  const hasBegun = useRef(false);
  useEffect(() => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    void check.run();
  }, [check.run]);
  return (
    <section className={css['check']} aria-label={`Check of your identity for ${organization}`}>
      <div className={css['checkHead']}>
        <h3>Check of your identity for {organization}</h3>
        <Button variant="default" size="xs" onClick={onClose}>
          Close check
        </Button>
      </div>
      <SetupCheckPanel check={check} hasRole={false} />
    </section>
  );
}
