/** From when on a cancellation may be forced; null while nobody has asked the run to stop. */
export function forceCancelAvailableAt(cancelRequestedAt: Date | null, forceCancelAfterMs: number): Date | null {
  return cancelRequestedAt === null ? null : new Date(cancelRequestedAt.getTime() + forceCancelAfterMs);
}
