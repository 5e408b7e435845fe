import type { Queue } from '../../api-client/queue.ts';
import { useNow } from '../../components/clock.tsx';
import { durationWords } from '../../components/duration-words.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Section } from '../../components/section.tsx';
import { causeWords } from './queue-words.ts';
import css from './waits-and-failures.module.css';

/** On whose device the runs wait. */
export function WaitsForWhom({ waits }: { waits: Queue['waits-by-device'] }) {
  const now = useNow(1000);
  return (
    <Section title="Waits for whom">
      {waits.length === 0 ? (
        <EmptyPanel title="No run waits for a code." />
      ) : (
        <ul className={css['list']}>
          {waits.map(({ device, count, 'oldest-at': oldestAt }) => (
            <li key={device.id} className={css['item']}>
              <code>{device.label}</code>
              <span>
                {count === 1 ? '1 run' : `${count} runs`}
                {oldestAt !== null && `, oldest ${durationWords(now - oldestAt)}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function FailuresByCause({ failures, range }: { failures: Queue['failures']; range: string }) {
  return (
    <Section title="Failures by cause" note={`in ${range}`}>
      {failures.length === 0 ? (
        <EmptyPanel title="Nothing failed." />
      ) : (
        <ul className={css['list']}>
          {failures.map((failure) => {
            const { short, whole } = causeWords(failure);
            return (
              <li key={failure.reason ?? ''} className={css['item']} title={whole}>
                <span>{short}</span>
                <strong>{failure.count}</strong>
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}
