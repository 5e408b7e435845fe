import { describeError } from '@gatehouse/shared/describe-error';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Names under which a secret could be logged by mistake, at any of the first three levels of an object. */
const secretNames = ['password', 'token', 'authorization', 'cookie', 'set-cookie', 'secret', 'token-code', 'tokenCode'];
const redactedPaths = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/** The api's log: JSON lines on stdout unless `destination` is given. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    redact: { paths: redactedPaths, censor: '[secret]' },
    // Fastify logs whole requests with some of its own errors; their addresses may hold a right of access.
    serializers: { req: (request: { method?: string }) => ({ method: request.method }), err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
