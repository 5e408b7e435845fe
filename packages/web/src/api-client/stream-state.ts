/** What the page knows of a stream, so that it never shows old news as new. Times are milliseconds since 1970. */
export type StreamState =
  | { kind: 'connecting' }
  /** Something, if only a heartbeat, came lately. */
  | { kind: 'live'; lastAt: number }
  /** Connected, but silent for longer than its heartbeat allows. */
  | { kind: 'late'; lastAt: number }
  /** `nextTryAt` undefined: it is being tried now. */
  | { kind: 'reconnecting'; lastAt: number | undefined; nextTryAt: number | undefined }
  /** Lost for so long that the page asks every few seconds instead; it goes on trying to connect. */
  | { kind: 'polling'; lastAt: number | undefined; lastPollAt: number | undefined }
  | { kind: 'signed-out' }
  /** Nothing will follow: the log is complete. */
  | { kind: 'ended' };
