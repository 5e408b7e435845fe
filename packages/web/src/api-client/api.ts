import * as z from 'zod/mini';
import { errorOfAnswer, malformedAnswer, unreachable } from './api-error.ts';
import { monotonicNow, type ServerClock } from './server-clock.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Reads what JSON.parse made of an answer into what the page needs; a schema of zod/mini. */
export type Schema<T> = z.ZodMiniType<T>;

/** `/api/v2` from this page: same-origin cookies, JSON:API in and out. Every failure is an `ApiError`. */
export type Api = {
  get<T>(path: string, schema: Schema<T>, signal?: AbortSignal): Promise<T>;
  send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body: unknown, schema: Schema<T>): Promise<T>;
};

/** For answers whose body does not matter, such as 204. */
export const anything = z.unknown();

/** `onSignedOut` hears of every 401, so that the page can ask to sign in again without losing what was typed. */
export function createApi({
  fetch,
  clock,
  onSignedOut = () => {},
}: {
  fetch: Fetch;
  clock: ServerClock;
  onSignedOut?: () => void;
}): Api {
  async function request<T>(path: string, init: RequestInit, schema: Schema<T>): Promise<T> {
    const sentAt = monotonicNow();
    const response = await answered(fetch(`/api/v2${path}`, { credentials: 'same-origin', ...init }));
    clock.observe(response.headers.get('date'), sentAt, monotonicNow());
    const body = response.status === 204 ? undefined : await parsed(response);
    if (response.status === 401) onSignedOut();
    if (!response.ok) throw errorOfAnswer(response.status, body);
    const result = schema.safeParse(body);
    if (!result.success) throw malformedAnswer(response.status);
    return result.data;
  }
  const accept = { accept: 'application/vnd.api+json' };
  return {
    get: (path, schema, signal) =>
      request(path, { headers: accept, ...(signal === undefined ? {} : { signal }) }, schema),
    send: (method, path, body, schema) =>
      request(
        path,
        body === undefined
          ? { method, headers: accept }
          : {
              method,
              headers: { ...accept, 'content-type': 'application/vnd.api+json' },
              body: JSON.stringify(body),
            },
        schema,
      ),
  };
}

async function answered(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (cause) {
    // Given up by the page itself, such as a query whose component is gone.
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable();
  }
}

async function parsed(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
