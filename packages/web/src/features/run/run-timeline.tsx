import {
  IconChevronDown,
  IconChevronUp,
  IconCircle,
  IconCircleCheck,
  IconCircleDot,
  IconCircleMinus,
  IconCircleX,
  type TablerIcon,
} from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useNow } from '../../components/clock.tsx';
import { clockTime, exactTime, stopwatch } from '../../components/duration-words.ts';
import type { RunStep } from './run-steps.ts';
import css from './run-timeline.module.css';

const icons: Record<RunStep['state'], TablerIcon> = {
  done: IconCircleCheck,
  current: IconCircleDot,
  upcoming: IconCircle,
  skipped: IconCircleMinus,
  failed: IconCircleX,
};

const stateWords: Record<RunStep['state'], string> = {
  done: 'done',
  current: 'now',
  upcoming: 'to come',
  skipped: 'skipped',
  failed: 'failed',
};

/** The way of a run, with who and when. On a phone one line, which opens to the list. */
export function RunTimeline({ steps }: { steps: readonly RunStep[] }) {
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  const found = steps.findIndex((step) => step.state === 'current' || step.state === 'failed');
  const at = found === -1 ? steps.length - 1 : found;
  const Chevron = isOpen ? IconChevronUp : IconChevronDown;
  return (
    <div>
      <button
        type="button"
        className={css['summary']}
        aria-expanded={isOpen}
        aria-controls={listId}
        onClick={() => setOpen(!isOpen)}
      >
        Step {at + 1} of {steps.length}: {steps[at]?.label}
        <Chevron size={16} aria-hidden />
      </button>
      <ol id={listId} aria-label="Steps of this run" className={css['steps']} data-folded={!isOpen || undefined}>
        {steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
    </div>
  );
}

function Step({ step }: { step: RunStep }) {
  const Icon = icons[step.state];
  return (
    <li
      className={css['step']}
      data-state={step.state}
      data-step={step.id}
      aria-current={step.state === 'current' ? 'step' : undefined}
    >
      <Icon className={css['icon']} size={20} aria-hidden />
      <span>
        <span className={css['label']}>
          {step.label}
          <span className="gh-visually-hidden">, {stateWords[step.state]}</span>
        </span>
        <span className={css['meta']}>
          {step.startedAt !== undefined && (
            <time dateTime={new Date(step.startedAt).toISOString()} title={exactTime(step.startedAt)}>
              {clockTime(step.startedAt)}
            </time>
          )}
          {step.state === 'skipped' && 'skipped'}
          <Length step={step} />
          {step.by !== undefined && step.by !== 'gatehouse' && ` · ${step.by}`}
        </span>
      </span>
    </li>
  );
}

function Length({ step }: { step: RunStep }) {
  const now = useNow(1000);
  if (step.id === 'done' || step.startedAt === undefined) return null;
  const end = step.endedAt ?? (step.state === 'current' ? now : undefined);
  return end === undefined ? null : <> · {stopwatch(end - step.startedAt)}</>;
}
