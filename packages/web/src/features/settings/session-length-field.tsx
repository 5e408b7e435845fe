import { NativeSelect } from '@mantine/core';
import { durationWords } from '../../components/duration-words.ts';

const hour = 3600;
// AWS: AssumeRole gives at most 12 hours, GetSessionToken 36.
const durations = [hour / 4, hour / 2, hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour, 24 * hour, 36 * hour];

/** How long a session is asked for. undefined: as long as earlier runs say. */
export function SessionLengthField(props: {
  seconds: number | undefined;
  hasRole: boolean;
  /** What the role was told to allow; undefined: not told. */
  roleMaxSeconds: number | undefined;
  isOff: boolean;
  failure: string | undefined;
  onChange(seconds: number | undefined): void;
}) {
  const { seconds, hasRole } = props;
  return (
    <NativeSelect
      label="Session length"
      description={`AWS gives 15 minutes to ${hasRole ? '12 hours to a role, and no more than the role’s longest session' : '36 hours'}. Automatic follows what earlier runs took, with a margin.`}
      value={String(seconds ?? '')}
      disabled={props.isOff}
      error={props.failure}
      data={[
        { value: '', label: 'automatic (from earlier runs)' },
        ...offered(seconds, hasRole ? (props.roleMaxSeconds ?? 12 * hour) : 36 * hour).map((fixed) => ({
          value: String(fixed),
          label: `fixed: ${durationWords(fixed * 1000)}`,
        })),
      ]}
      onChange={({ currentTarget }) =>
        props.onChange(currentTarget.value === '' ? undefined : Number(currentTarget.value))
      }
    />
  );
}

/** Those to choose from, and whatever the API was given. */
function offered(current: number | undefined, longest: number): number[] {
  const usual = durations.filter((fixed) => fixed <= longest);
  return [...new Set([...usual, ...(current === undefined ? [] : [current])])].sort((one, other) => one - other);
}
