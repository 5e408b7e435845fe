import { useCallback, useSyncExternalStore } from 'react';
import type { LogBuffer } from './log-buffer.ts';

/** Draws again when the log has grown, at most once a frame, however many chunks came. */
export function useLogVersion(buffer: LogBuffer): number {
  const subscribe = useCallback(
    (onChange: () => void) => {
      let frame: number | undefined;
      const unsubscribe = buffer.subscribe(() => {
        frame ??= requestAnimationFrame(() => {
          frame = undefined;
          onChange();
        });
      });
      return () => {
        unsubscribe();
        if (frame !== undefined) cancelAnimationFrame(frame);
      };
    },
    [buffer],
  );
  return useSyncExternalStore(subscribe, () => buffer.version);
}
