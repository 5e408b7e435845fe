import type { Phase } from '@gatehouse/shared/run-status';
import { useEffect, useMemo, useRef, useState } from 'react';
import { followLog } from '../../api-client/log-stream.ts';
import type { StreamState } from '../../api-client/stream-state.ts';
import { LogBuffer } from '../log/log-buffer.ts';
import type { ByteRange, LogSection } from '../log/log-sections.ts';
import { useServices } from '../session/services.tsx';
import { type LogIndex, readLogIndex, sectionsOf } from './log-index.ts';

export type PhaseLog = {
  buffer: LogBuffer;
  state: StreamState;
  sections: readonly LogSection[];
  marked: readonly ByteRange[];
  tryNow(): void;
};

/** Where received bytes stand in the log: from `offset` on they were put at `local`. */
type Piece = { offset: number; local: number };

/**
 * Follows the log of one phase as long as the component is shown. A tab that is not in view gives its connection back,
 * since a browser has six for all tabs together, and resumes at the byte where it was.
 */
export function usePhaseLog(
  runId: string,
  phase: Phase,
  { hasFailed, isStructured }: { hasFailed: boolean; isStructured: boolean },
): PhaseLog {
  const { fetch } = useServices();
  const [buffer] = useState(() => new LogBuffer({ isStructured }));
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });
  const [index, setIndex] = useState<LogIndex | undefined>(undefined);
  const pieces = useRef<Piece[]>([]);
  const nextOffset = useRef(0);
  const tryNow = useRef(() => {});

  useEffect(() => {
    let current: ReturnType<typeof follow> | undefined;
    let isComplete = false;

    function follow() {
      let isOpen = true;
      const append = (bytes: Uint8Array, offset: number) => {
        const last = pieces.current.at(-1);
        if (last === undefined || last.local + offset - last.offset !== buffer.byteLength) {
          pieces.current.push({ offset, local: buffer.byteLength });
        }
        buffer.append(bytes);
      };
      const stream = followLog({
        runId,
        phase,
        offset: nextOffset.current,
        fetch,
        onBytes: (bytes, offset) => {
          if (!isOpen) return;
          append(bytes, offset);
          nextOffset.current = offset + bytes.length;
        },
        onGap: (from, to) => {
          if (!isOpen) return;
          buffer.append(new TextEncoder().encode(`\n[${to - from} bytes of this log are lost]\n`));
          nextOffset.current = to;
        },
        onSections: (document) => isOpen && setIndex(readLogIndex(document)),
        onState: (next) => {
          if (!isOpen) return;
          isComplete ||= next.kind === 'ended';
          setState(next);
        },
      });
      return {
        tryNow: stream.tryNow,
        close: () => {
          isOpen = false;
          stream.close();
        },
      };
    }

    const onVisibility = () => {
      if (document.visibilityState === 'hidden' && !isComplete) {
        current?.close();
        current = undefined;
      } else if (document.visibilityState === 'visible' && !isComplete) {
        if (current === undefined) current = follow();
        else current.tryNow();
      }
    };
    current = document.visibilityState === 'hidden' ? undefined : follow();
    tryNow.current = () => current?.tryNow();
    const onOnline = () => current?.tryNow();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', onOnline);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', onOnline);
      current?.close();
    };
  }, [buffer, fetch, runId, phase]);

  const isEnded = state.kind === 'ended';
  const { sections, marked } = useMemo(() => {
    if (index === undefined) return { sections: [], marked: [] };
    const toLocal = (offset: number) => localOffset(pieces.current, offset);
    return {
      sections: sectionsOf(index, toLocal, { phase, hasFailed, isEnded }),
      marked: index.gatehouse.map(({ start, end }) => ({ start: toLocal(start), end: toLocal(end) })),
    };
  }, [index, phase, hasFailed, isEnded]);
  return { buffer, state, sections, marked, tryNow: () => tryNow.current() };
}

/** Before anything came the framing's one byte is what lies between the two. */
export function localOffset(pieces: readonly Piece[], offset: number): number {
  const piece = pieces.findLast((candidate) => candidate.offset <= offset) ?? pieces[0] ?? { offset: 1, local: 0 };
  return Math.max(0, piece.local + offset - piece.offset);
}
