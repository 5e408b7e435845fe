import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { RunPlace } from './start-run-dialog.tsx';

// Needed by few visits, so loaded on the press.
const StartRunDialog = lazy(() => import('./start-run-dialog.tsx').then((file) => ({ default: file.StartRunDialog })));

/** The button that asks what to queue in an environment. */
export function StartRun({ place, isSecondary = false }: { place: RunPlace; isSecondary?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant={isSecondary ? 'default' : 'filled'} onClick={() => setOpen(true)}>
        Queue a run
      </Button>
      {isOpen && (
        <Suspense>
          <StartRunDialog place={place} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
