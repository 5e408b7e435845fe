import { type DestinationStream, type Logger, pino } from 'pino';

/** Names under which a secret could be logged by mistake, at any of the first three levels of an object. */
const secretNames = ['password', 'token', 'authorization', 'cookie', 'secret', 'value', 'token-code', 'tokenCode'];
const redactedPaths = secretNames.flatMap((name) => {
  const key = `["${name}"]`;
  return [key.slice(0), `*${key}`, `*.*${key}`];
});

/** The api's log: JSON lines on stdout unless `destination` is given. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, redact: { paths: redactedPaths, censor: '[secret]' } };
  return destination === undefined ? pino(options) : pino(options, destination);
}
