import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type AwsCheck, type CheckSubject, readCheck, startCheck } from '../../api-client/aws-checks.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** A check that no worker took within the request is asked for again so often. */
const againMs = 2_000;

export type SetupCheck = {
  isBusy: boolean;
  /** Why it was not even begun. */
  error: unknown;
  found: AwsCheck | undefined;
  run(code?: string): Promise<void>;
};

/** Asks AWS by way of a worker. No mutation of the query library: it would keep the code that was typed. */
export function useSetupCheck(subject: CheckSubject): SetupCheck {
  const { api } = useServices();
  const [asked, setAsked] = useState<{ isBusy: boolean; error?: unknown; check?: AwsCheck }>({ isBusy: false });
  const started = asked.check;
  const later = useQuery({
    queryKey: queryKeys.awsCheck(started?.id ?? ''),
    queryFn: ({ signal }) => readCheck(api, started?.id ?? '', signal),
    enabled: started !== undefined && started.state !== 'finished',
    refetchInterval: ({ state }) => (state.data?.state === 'finished' ? false : againMs),
    gcTime: 0,
  });
  const run = async (code?: string) => {
    setAsked({ isBusy: true });
    try {
      setAsked({ isBusy: false, check: await startCheck(api, subject, code) });
    } catch (error) {
      setAsked({ isBusy: false, error });
    }
  };
  return {
    isBusy: asked.isBusy,
    error: asked.error ?? (started?.state === 'finished' ? undefined : later.error),
    found: started === undefined || started.state === 'finished' ? started : (later.data ?? started),
    run,
  };
}
