import { useState } from 'react';
import { LiveIndicator } from '../src/features/live/live-indicator.tsx';
import { formatLineRange, type LineRange, parseLineRange } from '../src/features/log/line-range.ts';
import { LogBuffer } from '../src/features/log/log-buffer.ts';
import type { LogSection } from '../src/features/log/log-sections.ts';
import { LogView } from '../src/features/log/log-view.tsx';
import css from './gallery.module.css';
import { longLog, sampleLog } from './sample-log.ts';

/** `lines`: of the long log, 0 for none. The tests append to it through `window.gallery`. */
export function Logs({ lines }: { lines: number }) {
  return lines > 0 ? <LongLog lines={lines} /> : <ShortLog />;
}

function ShortLog() {
  const [buffer] = useState(() => filled(sampleLog()));
  const [chosen, setChosen] = useState<LineRange | undefined>(undefined);
  const text = new TextDecoder().decode(sampleLog());
  const byteOf = (words: string) => new TextEncoder().encode(text.slice(0, text.indexOf(words))).length;
  const sections: readonly LogSection[] = [
    { id: 'gatehouse', title: 'gatehouse', startByte: 0, state: 'finished', byGatehouse: true, isOpen: true },
    { id: 'init', title: 'init', startByte: byteOf('Initializing the'), state: 'finished', durationMs: 6_100 },
    { id: 'plan', title: 'plan', startByte: byteOf('\x1b[0m\x1b[1maws_subnet'), state: 'running' },
  ];
  return (
    <div className={css['wide']}>
      <LogView
        buffer={buffer}
        phase="plan"
        title="Plan log"
        isLive
        sections={sections}
        chosen={chosen}
        onChoose={setChosen}
        downloadHref="/favicons/gate.svg"
        plainTextHref="/favicons/gate.svg"
      >
        <LiveIndicator state={{ kind: 'live', lastAt: Date.now() }} />
      </LogView>
    </div>
  );
}

function LongLog({ lines }: { lines: number }) {
  const [buffer] = useState(() => longBuffer(lines));
  const [chosen, setChosen] = useState(() => parseLineRange(window.location.hash));
  const onChoose = (range: LineRange) => {
    window.history.replaceState(null, '', formatLineRange(range));
    setChosen(range);
  };
  // For the tests alone: a way to let the log grow.
  Object.assign(window, { growLog: (count: number) => buffer.append(longLog(count, buffer.lineCount + 1)) });
  return <LogView buffer={buffer} phase="plan" title="Plan log" isLive chosen={chosen} onChoose={onChoose} />;
}

function filled(bytes: Uint8Array): LogBuffer {
  const buffer = new LogBuffer();
  buffer.append(bytes);
  return buffer;
}

/** In pieces, as it would come. */
function longBuffer(lines: number): LogBuffer {
  const buffer = new LogBuffer();
  for (let from = 1; from <= lines; from += piece) buffer.append(longLog(Math.min(piece, lines - from + 1), from));
  return buffer;
}
const piece = 1_000;
