import type { RoleTrust } from '../../api-client/aws-session.ts';
import { CopyableJson } from '../../components/copyable-json.tsx';
import { Notice } from '../../components/notice.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';

const meanings: Readonly<Record<string, string>> = {
  'sts:TagSession': 'sessions bear no tags of the run and the environment',
  'sts:SetSourceIdentity': 'sessions do not carry the name of who answered',
};

/** What a role's trust policy lacks, and the whole one to paste. Runs work without it. */
export function RoleTrustNote({ trust }: { trust: RoleTrust }) {
  if (trust.missing.length === 0) {
    return (
      <p>
        The trust policy of <code>{trust.roleArn}</code> lets sessions say whose they are (seen{' '}
        <RelativeTime at={trust.seenAt} />
        ).
      </p>
    );
  }
  return (
    <>
      <Notice tone="need" title={`The role's trust policy does not allow ${trust.missing.join(' and ')}.`}>
        Runs work all the same, but in CloudTrail {trust.missing.map(meaningOf).join(', and ')} (seen{' '}
        <RelativeTime at={trust.seenAt} />
        ). Paste this as the trust policy of <code>{trust.roleArn}</code>; the next session shows whether it is right.
      </Notice>
      <CopyableJson value={trust.policy} what="trust policy" />
    </>
  );
}

function meaningOf(action: string): string {
  return meanings[action] ?? `${action} is not used`;
}
