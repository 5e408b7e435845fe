import { useSearchParams } from 'react-router';
import type { AuditFilter } from '../api-client/audit-records.ts';
import { AuditLog } from '../features/audit/audit-log.tsx';
import { OrganizationFrame } from './organization-frame.tsx';

/** `/settings/audit?organization=&action=&actor=&run=&page=`: who authenticated which run, when. */
export function AuditPage() {
  const [search, setSearch] = useSearchParams();
  const filter: AuditFilter = {
    action: search.get('action') ?? '',
    actor: search.get('actor') ?? '',
    run: search.get('run') ?? '',
  };
  const go = (organization: string, wanted: AuditFilter, page: number) => {
    const given = { ...wanted, page: page === 1 ? '' : String(page) };
    const query = Object.entries(given).filter(([, value]) => value !== '');
    setSearch(new URLSearchParams([['organization', organization], ...query]));
  };
  return (
    <OrganizationFrame title="Audit" isForOwners>
      {({ name }) => (
        <AuditLog
          key={name}
          organization={name}
          filter={filter}
          page={Math.max(1, Number.parseInt(search.get('page') ?? '1', 10) || 1)}
          onFilter={(wanted) => go(name, wanted, 1)}
          onPage={(page) => go(name, filter, page)}
        />
      )}
    </OrganizationFrame>
  );
}
