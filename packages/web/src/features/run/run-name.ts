/** `run-8Kq2Vd`: an id by its end, since ids that were made together begin alike. The whole one belongs in a title. */
export function shortRunId(runId: string): string {
  return runId.length <= 12 ? runId : `run-${runId.slice(-6)}`;
}

/** What a person calls a run: its message, else its id. */
export function runName({ id, message }: { id: string; message: string }): string {
  return message.trim() === '' ? shortRunId(id) : message;
}
