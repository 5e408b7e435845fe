import type { ZodFastifySchemaValidationError } from 'fastify-type-provider-zod';
import type { ApiError } from './error-handler.ts';

/** More than this many at once help nobody. */
const maxErrors = 20;

/** What zod refused, as one error a field: which field, why, and what is allowed. Values are never repeated. */
export function fieldErrors(
  issues: readonly ZodFastifySchemaValidationError[],
  context: string | undefined,
): ApiError[] {
  return issues.flatMap((issue) => errorsOf(issue, context ?? 'body')).slice(0, maxErrors);
}

function errorsOf(issue: ZodFastifySchemaValidationError, context: string): ApiError[] {
  if (context === 'params') return [{ code: 'not_found', detail: 'There is nothing at this path.' }];
  const path = issue.instancePath === '/' ? '' : issue.instancePath;
  if (issue.keyword !== 'unrecognized_keys') return [fieldError(path, issue.message ?? 'Not valid.', context)];
  const keys = issue.params['keys'];
  return (Array.isArray(keys) ? keys : []).map((key) =>
    fieldError(`${path}/${String(key).slice(0, 100)}`, 'Unknown field.', context),
  );
}

function fieldError(path: string, message: string, context: string): ApiError {
  const name = path.slice(path.lastIndexOf('/') + 1) || 'The body';
  const detail = `${name}: ${message}`;
  if (context === 'querystring') return { code: 'invalid_request', detail, source: { parameter: path.slice(1) } };
  return { code: 'invalid_request', detail, source: { pointer: path } };
}
