import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type Logger, pino } from 'pino';

/** JSON lines on standard output. Secrets are `Secret` objects, which print as `[secret]`; this list is the second lock. */
const redacted = ['*.secretAccessKey', '*.sessionToken', '*.jobToken', '*.token', '*.code', 'headers.authorization'];

export function createLogger(level: string, name: string): Logger {
  return pino({
    level,
    base: { worker: name },
    redact: { paths: redacted, censor: '[secret]' },
    serializers: { err: describeError },
  });
}

/** Without the error's further fields, and without the text that a parser failed on: they may hold anything. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const quotesInput = error instanceof SyntaxError;
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(isGatehouseError(error) ? { errorCode: error.code } : {}),
    ...(quotesInput ? {} : { message: error.message }),
    stack: stack?.slice(0, 8).join('\n'),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
