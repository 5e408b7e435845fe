import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { type AttributeDiff, attributeDiffs } from './attribute-diff.ts';
import css from './plan-summary.module.css';
import { actionWords, reasonWords } from './plan-words.ts';
import type { OutputPlan, PlanAction, ResourcePlan, TerraformChange } from './read-plan.ts';

/** One resource that changes; opens to its attributes. */
export function ResourceChange({ resource, isOpenAtFirst }: { resource: ResourcePlan; isOpenAtFirst: boolean }) {
  return (
    <Change
      name={resource.key}
      action={resource.action}
      change={resource.change}
      note={noteOf(resource)}
      isOpenAtFirst={isOpenAtFirst}
    />
  );
}

export function OutputChange({ output }: { output: OutputPlan }) {
  return (
    <Change name={output.name} action={output.action} change={output.change} note={undefined} isOpenAtFirst={false} />
  );
}

function Change(props: {
  name: string;
  action: PlanAction | 'none';
  change: TerraformChange;
  note: string | undefined;
  isOpenAtFirst: boolean;
}) {
  const [isOpen, setOpen] = useState(props.isOpenAtFirst);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  const diffs = useMemo(() => attributeDiffs(props.change), [props.change]);
  const note = [props.note, replacementNote(diffs)].filter((part) => part !== undefined).join(' · ');
  return (
    <li className={css['item']}>
      <button type="button" className={css['head']} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Chevron size={16} aria-hidden />
        <ActionChip action={props.action} />
        <span className={css['address']}>{props.name}</span>
        <span className={css['note']}>
          {note === '' && props.action === 'change' ? countOfAttributes(diffs.length) : note}
        </span>
      </button>
      {isOpen && <AttributeList diffs={diffs} action={props.action} />}
    </li>
  );
}

export function ActionChip({ action }: { action: PlanAction | 'none' }) {
  const words = action === 'none' ? { sign: '→', verb: 'keep' } : actionWords[action];
  return (
    <span className={css['chip']} data-action={action}>
      {words.sign} {words.verb}
    </span>
  );
}

function AttributeList({ diffs, action }: { diffs: readonly AttributeDiff[]; action: PlanAction | 'none' }) {
  if (diffs.length === 0) return <p className={css['empty']}>No attribute changes.</p>;
  return (
    <dl className={css['diff']}>
      {diffs.map((diff) => (
        <div key={diff.path} className={css['attribute']}>
          <dt>{diff.path === '' ? 'value' : diff.path}</dt>
          <dd>
            {sidesOf(diff, action)}
            {diff.forcesReplacement && <span className={css['forces']}> # forces replacement</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What is added has no before, what is destroyed no after: neither shows a `null` beside it. */
function sidesOf({ before, after }: AttributeDiff, action: PlanAction | 'none'): string {
  if (action === 'add') return after ?? 'null';
  if (action === 'destroy') return before ?? 'null';
  return `${before ?? 'null'}  →  ${after ?? 'null'}`;
}

function noteOf({ reason, movedFrom, importId }: ResourcePlan): string | undefined {
  const notes = [
    ...(reason === undefined || reason === 'replace_because_cannot_update' ? [] : [reasonWords(reason)]),
    ...(movedFrom === undefined ? [] : [`moved from ${movedFrom}`]),
    ...(importId === undefined ? [] : [`imported from ${importId}`]),
  ];
  return notes.length === 0 ? undefined : notes.join(' · ');
}

function replacementNote(diffs: readonly AttributeDiff[]): string | undefined {
  const forcing = diffs.filter((diff) => diff.forcesReplacement);
  if (forcing.length === 0) return undefined;
  return `${forcing.map((diff) => diff.path).join(', ')} forces replacement`;
}

function countOfAttributes(count: number): string {
  return count === 1 ? '1 attribute' : `${count} attributes`;
}
