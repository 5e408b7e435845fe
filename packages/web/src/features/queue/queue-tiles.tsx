import type { Queue } from '../../api-client/queue.ts';
import { useNow } from '../../components/clock.tsx';
import { durationWords, exactTime } from '../../components/duration-words.ts';
import css from './queue-tiles.module.css';

/** How it stands now: what waits, for how long, what runs, what failed. Only the waiting for a person is filled. */
export function QueueTiles({ now }: { now: Queue['now'] }) {
  const failed = now['failed-today'];
  return (
    <dl className={css['tiles']} data-testid="queue-tiles">
      <Tile name="Waiting for a code" value={now['awaiting-mfa']} family={now['awaiting-mfa'] > 0 ? 'need' : undefined}>
        <Oldest at={now['oldest-awaiting-mfa-at']} />
      </Tile>
      <Tile name="Plans to decide on" value={now.planned} family={now.planned > 0 ? 'need' : undefined} />
      <Tile name="Queued" value={now.queued}>
        <Oldest at={now['oldest-queued-at']} />
      </Tile>
      <Tile name="Running" value={`${now.running}/${now.capacity}`}>
        {now.capacity === 0 && 'no worker'}
      </Tile>
      <Tile name="Behind others" value={now.pending} />
      <Tile name="Failed today" value={failed} family={failed > 0 ? 'bad' : undefined} />
    </dl>
  );
}

function Tile(props: {
  name: string;
  value: number | string;
  family?: 'need' | 'bad' | undefined;
  children?: React.ReactNode;
}) {
  return (
    <div className={css['tile']} data-family={props.family}>
      <dt>{props.name}</dt>
      <dd className={css['value']}>{props.value}</dd>
      <dd className={css['note']}>{props.children}</dd>
    </div>
  );
}

function Oldest({ at }: { at: number | null }) {
  const now = useNow(1000);
  if (at === null) return null;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      oldest {durationWords(now - at)}
    </time>
  );
}
