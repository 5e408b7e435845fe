import { type ErrorCode, errorCodes } from '@gatehouse/shared/error-codes';
import * as z from 'zod/mini';

/**
 * Besides the api's own codes: `unreachable`, no answer came; `malformed_answer`, one came that this page cannot read,
 * such as a proxy's error page, or that of another version.
 */
export type ClientErrorCode = ErrorCode | 'unreachable' | 'malformed_answer';

/** What a request failed with, in the api's words. */
export class ApiError extends Error {
  readonly code: ClientErrorCode;
  readonly title: string;
  readonly detail: string;
  /** 0: there was no answer. */
  readonly status: number;
  /** JSON pointer to the field to blame, such as `/data/attributes/name`. */
  readonly pointer: string | undefined;

  constructor(fields: { code: ClientErrorCode; title: string; detail: string; status: number; pointer?: string }) {
    super(`${fields.title}: ${fields.detail}`);
    this.name = 'ApiError';
    this.code = fields.code;
    this.title = fields.title;
    this.detail = fields.detail;
    this.status = fields.status;
    this.pointer = fields.pointer;
  }
}

const errorDocument = z.object({
  errors: z.array(
    z.object({
      code: z.string(),
      title: z.string(),
      detail: z.string(),
      source: z.optional(z.object({ pointer: z.optional(z.string()) })),
    }),
  ),
});

/** `body` is what JSON.parse made of an answer that is not 2xx; undefined: it was no JSON. */
export function errorOfAnswer(status: number, body: unknown): ApiError {
  const [first] = errorDocument.safeParse(body).data?.errors ?? [];
  if (first === undefined || !isErrorCode(first.code)) return malformedAnswer(status);
  const { code, title, detail, source } = first;
  return new ApiError({
    code,
    title,
    detail,
    status,
    ...(source?.pointer === undefined ? {} : { pointer: source.pointer }),
  });
}

export function malformedAnswer(status: number): ApiError {
  if (status === 401) {
    const { title } = errorCodes.unauthorized;
    return new ApiError({ code: 'unauthorized', title, detail: 'Sign in to go on.', status });
  }
  return new ApiError({
    code: 'malformed_answer',
    title: 'The answer could not be read',
    detail: `Something answered with status ${status} that is not this version of Gatehouse. Load the page anew.`,
    status,
  });
}

export function unreachable(): ApiError {
  return new ApiError({
    code: 'unreachable',
    title: 'Gatehouse does not answer',
    detail: 'Nothing was lost. Check the connection, then try again.',
    status: 0,
  });
}

export function isApiError(error: unknown, code?: ClientErrorCode): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(errorCodes, word);
}
