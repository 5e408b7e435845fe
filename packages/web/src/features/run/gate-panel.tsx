import type { Run } from '../../api-client/run.ts';
import type { Words } from '../mfa/mfa-words.ts';
import { CodePanel } from './code-panel.tsx';
import { DecisionPanel } from './decision-panel.tsx';
import type { Gate } from './gate-of-run.ts';
import { type Asked, DiscardButton } from './run-buttons.tsx';

/** What a person can do about the run now: enter a code, or decide on its plan. */
export function GatePanel(props: {
  gate: Gate;
  run: Run;
  counts: string;
  autoFocus: boolean;
  onGone(words: Words): void;
  onAccepted(challengeId: string): void;
  onAsk(asked: Asked): void;
}) {
  const { gate, run, counts, onAsk, onAccepted } = props;
  if (gate.kind === 'decision') {
    return (
      <DecisionPanel run={run} counts={counts}>
        <DiscardButton run={run} onAsk={onAsk} />
      </DecisionPanel>
    );
  }
  if (gate.kind !== 'code' && gate.kind !== 'extend') return null;
  return (
    <CodePanel
      key={gate.mfa.challengeId}
      run={run}
      mfa={gate.mfa}
      counts={gate.phase === 'apply' ? counts : ''}
      autoFocus={props.autoFocus}
      onGone={props.onGone}
      onAccepted={() => onAccepted(gate.mfa.challengeId)}
    >
      {gate.kind === 'code' && gate.phase === 'apply' && run.isDiscardable && (
        <div>
          <DiscardButton run={run} onAsk={onAsk} />
        </div>
      )}
    </CodePanel>
  );
}
