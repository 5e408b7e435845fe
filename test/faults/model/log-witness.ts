import { endOfLog, logKey, readLog, startOfLog } from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';

/** What was seen of a log's bytes: from `start` on, without a gap. */
type Seen = { start: number; bytes: Buffer; isLossy: boolean; acked: { at: number; bytes: Buffer }[] };

/** Reads along with every log, as somebody in front of the page would, and remembers what Redis promised to hold. */
export function createLogWitness() {
  const logs = new Map<string, Seen>();
  const judged = new Set<string>();
  const seenOf = (key: string): Seen => {
    const seen = logs.get(key) ?? { start: 0, bytes: Buffer.alloc(0), isLossy: false, acked: [] };
    logs.set(key, seen);
    return seen;
  };

  return {
    judged,
    /** Redis took these bytes of a worker's at this offset. */
    acked(runId: string, phase: Phase, at: number, bytes: Buffer): void {
      seenOf(logKey(runId, phase)).acked.push({ at, bytes });
    },
    /** Redis has lost its data: what was in it may be gone. */
    lost(): void {
      for (const [key, seen] of logs) {
        if (!judged.has(key)) logs.set(key, { start: 0, bytes: Buffer.alloc(0), isLossy: true, acked: [] });
        else seen.acked = [];
      }
    },
    /** Reads on. Answers what is wrong with what was read. */
    async readOn(redis: Redis, runId: string, phase: Phase): Promise<string | undefined> {
      const seen = seenOf(logKey(runId, phase));
      for (;;) {
        const end = seen.start + seen.bytes.length;
        const slice = await readLog(redis, logKey(runId, phase), end);
        if (slice === undefined) return undefined;
        if (slice.startOffset !== end) {
          if (!seen.isLossy) return `bytes ${end} to ${slice.startOffset} are missing`;
          if (seen.bytes.length > 0) return `bytes ${end} to ${slice.startOffset} went missing after the loss`;
          seen.start = slice.startOffset;
        }
        seen.bytes = Buffer.concat([seen.bytes, slice.bytes]);
      }
    },
    /** Whether the archive is what was streamed. Answers what is wrong. */
    judge(runId: string, phase: Phase, archived: Buffer): string | undefined {
      const key = logKey(runId, phase);
      const { start, bytes, isLossy, acked } = seenOf(key);
      judged.add(key);
      if (archived[0] !== startOfLog[0]) return 'the archive does not begin with STX';
      if (archived.at(-1) !== endOfLog[0]) return 'the archive does not end with ETX';
      const marks = archived.filter((byte) => byte === startOfLog[0] || byte === endOfLog[0]).length;
      if (marks !== 2) return `the archive has ${marks} marks of start and end`;
      if (!isLossy && start > 0) return `the archive begins at ${start}`;
      const until = start + bytes.length;
      if (!archived.subarray(start, until).equals(bytes)) return 'the archive is not what was streamed';
      for (const { at, bytes: sent } of acked) {
        if (!archived.subarray(at, at + sent.length).equals(sent)) return `bytes that Redis took at ${at} are lost`;
      }
      return undefined;
    },
  };
}
