import { ApiError } from '../../api-client/api-error.ts';

/** A failure as a person reads it. The api's own title of a refused field says less than its detail. */
export function failureWords(error: unknown): { title: string; detail: string } {
  if (!(error instanceof ApiError)) return { title: 'That did not work', detail: 'Load the page anew and try again.' };
  if (error.code === 'invalid_request') return { title: 'Not saved', detail: error.detail };
  if (error.code === 'forbidden') return { title: 'Not allowed', detail: error.detail };
  return { title: error.title, detail: error.detail };
}

/** The api's word about one field, such as `value`; undefined: it blames another one, or none. */
export function fieldFailure(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError) || error.pointer === undefined) return undefined;
  if (!error.pointer.endsWith(`/${field}`)) return undefined;
  // The api names the field, beside which the sentence stands here.
  const prefix = `${field}: `;
  return error.detail.startsWith(prefix) ? error.detail.slice(prefix.length) : error.detail;
}
