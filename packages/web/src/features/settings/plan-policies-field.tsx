import { NativeSelect, Textarea } from '@mantine/core';

/** What the api takes where nothing is said. */
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

type Choice = 'default' | 'listed' | 'none';

/** Managed policies that narrow a plan's session. undefined: AWS's own that only reads; empty: none. */
export function PlanPoliciesField(props: {
  arns: readonly string[] | undefined;
  /** There is a session policy of the environment's own as well. */
  hasSessionPolicy: boolean;
  isOff: boolean;
  failure: string | undefined;
  onChange(arns: readonly string[] | undefined): void;
}) {
  const { arns, onChange } = props;
  const choice: Choice = arns === undefined ? 'default' : arns.length === 0 ? 'none' : 'listed';
  const choose = (wanted: string) => {
    if (wanted === 'default') onChange(undefined);
    if (wanted === 'none') onChange([]);
    if (wanted === 'listed') onChange([readOnly]);
  };
  return (
    <>
      <NativeSelect
        label="Managed policies of plans"
        description={meaningOf(choice, props.hasSessionPolicy)}
        value={choice}
        disabled={props.isOff}
        error={choice === 'listed' ? undefined : props.failure}
        data={[
          { value: 'default', label: 'read-only: ReadOnlyAccess of AWS (default)' },
          { value: 'listed', label: 'these policies' },
          { value: 'none', label: 'none' },
        ]}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      />
      {choice === 'default' && !props.hasSessionPolicy && (
        <p>
          <code>{readOnly}</code>
        </p>
      )}
      {choice === 'listed' && (
        <Textarea
          label="ARNs of the policies"
          description="One a line, at most ten. All empty: read-only."
          rows={3}
          value={(arns ?? []).join('\n')}
          disabled={props.isOff}
          error={props.failure}
          spellCheck={false}
          onChange={({ currentTarget }) => onChange(currentTarget.value.split('\n'))}
        />
      )}
    </>
  );
}

/** AWS lets a session do what any of its session policies allows: the default would widen a narrower one. */
function meaningOf(choice: Choice, hasSessionPolicy: boolean): string {
  if (choice === 'listed') return "A plan's session may do no more than they allow; the apply has the full role.";
  if (hasSessionPolicy) return 'The session policy below says alone what a plan may do.';
  if (choice === 'none') return 'A plan may do all that the role may, as its apply.';
  return "A plan's session may read and nothing else; the apply has the full role.";
}
