import type { ErrorCode } from './error-codes.ts';

/**
 * The one base of every error that Gatehouse raises on purpose. `code` is from the closed list in `error-codes.ts`,
 * `message` says what was being done, with what id, and what to do; neither ever holds a secret.
 */
export class GatehouseError extends Error {
  readonly code: ErrorCode;
  /** JSON pointer into the request body (RFC 6901) when one field is to blame. */
  readonly pointer: string | undefined;
  /** After how many seconds the same is worth another try; undefined when time alone helps nothing. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; pointer?: string; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatehouseError';
    this.code = code;
    this.pointer = options.pointer;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function isGatehouseError(error: unknown, code?: ErrorCode): error is GatehouseError {
  return error instanceof GatehouseError && (code === undefined || error.code === code);
}
