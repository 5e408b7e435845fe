/**
 * Has the log say why the process ends, in its own form. Node would print the error with all its fields, such as the
 * command that Redis refused, password included.
 */
export function logCrashes(log: (error: unknown) => void): void {
  process.on('uncaughtException', (error) => {
    log(error);
    process.exit(1);
  });
}
