import { useId } from 'react';
import type { QueueSlice } from '../../api-client/queue.ts';
import css from './queue-charts.module.css';
import { stateWords } from './queue-words.ts';
import { type ChartState, chartStates, highest, stackedBands } from './stacked-shapes.ts';

const size = { width: 600, height: 140 };

type ChartView = { series: readonly QueueSlice[]; timeOf(at: number): string };

/** Each state has its own pattern beside its colour, so that neither a printer nor an eye has to tell colours apart. */
export function StatesChart({ series, timeOf }: ChartView) {
  const patternId = useId();
  const top = highest(series);
  const last = series.at(-1);
  return (
    <figure className={css['figure']}>
      <div className={css['plot']}>
        <span className={css['top']}>{top}</span>
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Open runs by state; now ${chartStates
            .map((state) => `${last?.states[state] ?? 0} ${stateWords[state].toLowerCase()}`)
            .join(', ')}. At most ${top}.`}
        >
          <defs>
            {chartStates.map((state) => (
              <Pattern key={state} id={`${patternId}${state}`} state={state} />
            ))}
          </defs>
          {stackedBands(series, size).map(({ state, points }) => (
            <polygon
              key={state}
              className={css['band']}
              data-state={state}
              points={points}
              fill={`url(#${patternId}${state})`}
            />
          ))}
        </svg>
      </div>
      <Times series={series} timeOf={timeOf} />
      <ul className={css['legend']}>
        {chartStates.map((state) => (
          <li key={state}>
            <svg width={16} height={16} aria-hidden>
              <rect
                className={css['band']}
                data-state={state}
                x={0.5}
                y={0.5}
                width={15}
                height={15}
                fill={`url(#${patternId}${state})`}
              />
            </svg>
            {stateWords[state]}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Failed ones hang below the line, so that form tells them from the others. */
export function EndsChart({ series, timeOf }: ChartView) {
  const top = Math.max(1, ...series.map(({ states }) => Math.max(states.done, states.failed)));
  const middle = size.height / 2;
  const step = size.width / Math.max(1, series.length);
  const heightOf = (count: number) => (count / top) * (middle - 2);
  const done = series.reduce((sum, { states }) => sum + states.done, 0);
  const failed = series.reduce((sum, { states }) => sum + states.failed, 0);
  return (
    <figure className={css['figure']}>
      <div className={css['plot']}>
        <span className={css['top']}>{top}</span>
        <svg
          viewBox={`0 0 ${size.width} ${size.height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${failed} runs failed, ${done} ended otherwise.`}
        >
          {series.map(({ at, states }, index) => (
            <g key={at}>
              <rect
                className={css['done']}
                x={index * step + step * 0.1}
                y={middle - heightOf(states.done)}
                width={step * 0.8}
                height={heightOf(states.done)}
              />
              <rect
                className={css['failed']}
                x={index * step + step * 0.1}
                y={middle}
                width={step * 0.8}
                height={heightOf(states.failed)}
              />
            </g>
          ))}
          <line className={css['axis']} x1={0} x2={size.width} y1={middle} y2={middle} />
        </svg>
      </div>
      <Times series={series} timeOf={timeOf} />
      <ul className={css['legend']}>
        <li>
          <span className={css['swatch']} data-kind="done" /> {stateWords.done} (above): {done}
        </li>
        <li>
          <span className={css['swatch']} data-kind="failed" /> {stateWords.failed} (below): {failed}
        </li>
      </ul>
    </figure>
  );
}

function Times({ series, timeOf }: ChartView) {
  const first = series[0];
  const last = series.at(-1);
  if (first === undefined || last === undefined) return null;
  return (
    <figcaption className={css['times']}>
      <span>{timeOf(first.at)}</span>
      <span>{timeOf(last.at)}</span>
    </figcaption>
  );
}

function Pattern({ id, state }: { id: string; state: ChartState }) {
  return (
    <pattern id={id} width={8} height={8} patternUnits="userSpaceOnUse" className={css['pattern']} data-state={state}>
      <rect width={8} height={8} className={css['ground']} />
      {state === 'awaiting-mfa' && <rect width={8} height={8} className={css['ink']} />}
      {state === 'queued' && <path d="M0 8 L8 0" className={css['stroke']} />}
      {state === 'running' && <circle cx={4} cy={4} r={1.8} className={css['ink']} />}
      {state === 'waiting' && <path d="M0 4 H8" className={css['stroke']} />}
    </pattern>
  );
}
