import { useNow } from '../../components/clock.tsx';
import css from './code-entry.module.css';
import type { Words } from './mfa-words.ts';
import { secondsToNextCode } from './typed-code.ts';
import type { CodeSending } from './use-code-sending.ts';

const sendingWords: Record<CodeSending['phase'], string> = {
  idle: '',
  checking: 'You can leave; the outcome stays here.',
  slow: 'AWS is slow to answer.',
  'very-slow': 'Still checking; the outcome appears here.',
};

/** Under the field: what is wrong with the digits, when the next code comes, how many tries are left. */
export function CodeHints(props: {
  id: string;
  sending: CodeSending['phase'];
  unusable: Words | undefined;
  blockedBecause: string | undefined;
  triesLeft: number;
}) {
  const { sending, unusable, blockedBecause, triesLeft } = props;
  return (
    <div className={css['hints']}>
      <span id={props.id} role="status">
        {sendingWords[sending]}
        {sending === 'idle' && unusable !== undefined && `${unusable.title}. ${unusable.body}`}
        {sending === 'idle' && unusable === undefined && blockedBecause}
      </span>
      {sending === 'idle' && <NextCode />}
      {sending === 'idle' && <span>{triesLeft === 1 ? '1 try left.' : `${triesLeft} tries left.`}</span>}
    </div>
  );
}

/** Silent, and it never blocks: the device's clock may differ from ours. */
function NextCode() {
  const seconds = secondsToNextCode(useNow(1000));
  return (
    <span role="timer" aria-live="off">
      {seconds < 5 ? 'About to change; wait for the next.' : `Your device shows a new one in about ${seconds} s.`}
    </span>
  );
}
