import type { AwsIdentity } from '../../api-client/aws-identities.ts';
import type { Column } from '../../components/data-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import css from './identities.module.css';

/** What shows of keys and a device, wherever they are listed. None of it is secret. */
export const identityColumns: readonly Column<AwsIdentity>[] = [
  {
    head: 'AWS user',
    cell: ({ arn, accessKeyId }) => (
      <>
        <code className={css['name']}>{arn}</code>
        <div className={css['key']}>
          key <code>{accessKeyId}</code>
        </div>
      </>
    ),
  },
  { head: 'MFA device', cell: ({ label }) => <span className={css['label']}>{label}</span> },
  { head: 'Checked', cell: ({ checkedAt }) => <RelativeTime at={checkedAt} /> },
];
