import { describeError } from '@gatehouse/shared/describe-error';
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
