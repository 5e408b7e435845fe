import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listAuditRecords } from '../../api-client/audit-records.ts';
import type { Environment } from '../../api-client/environments.ts';
import { useNow } from '../../components/clock.tsx';
import { agoWords } from '../../components/duration-words.ts';
import { Notice } from '../../components/notice.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** Over a form that somebody edits: somebody else saved it meanwhile. Loading is the reader's to decide. */
export function ChangedMeanwhile({ environment, onLoad }: { environment: Environment; onLoad(): void }) {
  const { api } = useServices();
  const age = useNow(1000) - environment.updatedAt;
  // Who edits is an owner, who may read the log of changes: it knows the name.
  const records = useQuery({
    queryKey: [...queryKeys.audit(environment.organization), 'change', environment.id, environment.updatedAt],
    queryFn: ({ signal }) => listAuditRecords(api, environment.organization, noFilter, { number: 1, size: 20 }, signal),
  });
  const change = records.data?.records.find(
    ({ targetId, at }) => targetId === environment.id && at === environment.updatedAt,
  );
  return (
    <Notice
      tone="need"
      role="status"
      action={
        <Button variant="default" size="xs" onClick={onLoad}>
          Load it
        </Button>
      }
    >
      {change?.actor ?? 'Somebody'} changed this {agoWords(age)}. What you typed is still here; loading drops it.
    </Notice>
  );
}

const noFilter = { action: '', actor: '', run: '' };
