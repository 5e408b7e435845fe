import type { AwsIdentity } from '../../api-client/aws-identities.ts';
import type { Column } from '../../components/data-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import css from './identities.module.css';

/** What shows of keys and a device, wherever they are listed. None of it is secret. */
export const identityColumns: readonly Column<AwsIdentity>[] = [
  { head: 'Access key', cell: ({ accessKeyId }) => <code className={css['name']}>{accessKeyId}</code> },
  { head: 'MFA device', cell: ({ label }) => label },
  { head: 'AWS user', cell: ({ arn }) => <code className={css['name']}>{arn}</code> },
  { head: 'Checked', cell: ({ checkedAt }) => <RelativeTime at={checkedAt} /> },
];
