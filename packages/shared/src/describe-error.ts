import { isGatehouseError } from './gatehouse-error.ts';

/**
 * An error as a log may hold it. Without its further fields, and without the text that a parser failed on: they may hold
 * anything, such as the command that Redis refused, which is the one that sends its password.
 */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const quotesInput = error instanceof SyntaxError;
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(isGatehouseError(error) ? { errorCode: error.code } : {}),
    ...(quotesInput ? {} : { message: error.message }),
    ...codeOf(error),
    stack: stack?.slice(0, 8).join('\n'),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Node's, SQLite's and Fastify's: a fixed word. Whoever could choose it is not quoted. */
function codeOf(error: Error): { code?: string } {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? { code } : {};
}
