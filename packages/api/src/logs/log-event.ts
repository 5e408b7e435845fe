/** What a reader that follows a log is told, in order. */
export type LogEvent =
  | { kind: 'bytes'; startOffset: number; bytes: Uint8Array }
  /** The bytes of this range are gone: Redis lost them before they were archived. */
  | { kind: 'gap'; from: number; to: number }
  /** Nothing new for a while. */
  | { kind: 'idle' }
  /** The log is complete and was told up to this offset. Nothing follows. */
  | { kind: 'end'; offset: number };
