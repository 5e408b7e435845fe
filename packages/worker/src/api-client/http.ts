import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, errorCodes } from '@gatehouse/shared/error-codes';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';

/** How often, and how long, a request is tried again when the api does not answer or says that it is unavailable. */
export type Patience = { tries: number; firstDelayMs: number };

/** A GET, a PUT of a whole value: may be done twice. An api that restarts, or whose disk is full, is waited for: about a minute. */
export const patient: Patience = { tries: 12, firstDelayMs: 200 };
/** The caller has its own rule for what comes next. */
export const once: Patience = { tries: 1, firstDelayMs: 0 };

const longestDelayMs = 10_000;

export type ApiRequest = {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  token: Secret;
  body?: { type: string; bytes: string | Uint8Array<ArrayBuffer> };
  patience?: Patience;
  /** Per try. Default 30 s, the body of the answer included. */
  timeoutMs?: number;
  signal?: AbortSignal;
};

const errorAnswer = z.object({
  errors: z.array(
    z.object({ code: z.string().optional(), detail: z.string().optional(), title: z.string().optional() }),
  ),
});

/**
 * One request to the api. Throws `GatehouseError`: the api's own code where it gave one, else by status (`conflict`,
 * `not_found`, `unauthorized`, …), `unavailable` when nobody answered. The token stands in no message.
 */
export async function send(baseUrl: string, request: ApiRequest): Promise<Response> {
  const { tries, firstDelayMs } = request.patience ?? once;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(baseUrl, request);
    } catch (error) {
      const mayComeBack = error instanceof GatehouseError && error.code === 'unavailable';
      if (!mayComeBack || attempt >= tries || request.signal?.aborted) throw error;
      await sleep(Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs));
    }
  }
}

async function sendOnce(baseUrl: string, request: ApiRequest): Promise<Response> {
  const what = `${request.method} ${request.path}`;
  const signals = [AbortSignal.timeout(request.timeoutMs ?? 30_000), ...(request.signal ? [request.signal] : [])];
  let response: Response;
  try {
    response = await fetch(baseUrl + request.path, {
      method: request.method,
      headers: {
        authorization: `Bearer ${request.token.reveal()}`,
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': request.body.type }),
      },
      ...(request.body === undefined ? {} : { body: request.body.bytes }),
      redirect: 'error',
      signal: AbortSignal.any(signals),
    });
  } catch (cause) {
    throw new GatehouseError('unavailable', `The api did not answer ${what} (${causeOf(cause)}).`, { cause });
  }
  if (response.ok) return response;
  throw await refusal(response, what);
}

async function refusal(response: Response, what: string): Promise<GatehouseError> {
  const text = await response.text().catch(() => '');
  const first = parseErrors(text);
  const code = first?.code !== undefined && isErrorCode(first.code) ? first.code : codeOfStatus(response.status);
  const detail = first?.detail ?? first?.title ?? 'no details';
  return new GatehouseError(code, `The api answered ${what} with ${response.status}: ${detail}`);
}

function parseErrors(text: string): z.infer<typeof errorAnswer>['errors'][number] | undefined {
  try {
    return errorAnswer.parse(JSON.parse(text)).errors[0];
  } catch {
    // A proxy's page or an empty body: the status says enough.
    return undefined;
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status >= 502 && status <= 504) return 'unavailable';
  if (status === 422) return 'invalid_request';
  if (status === 409) return 'conflict';
  const [code] = Object.entries(errorCodes).find(([, entry]) => entry.status === status) ?? [];
  return code !== undefined && isErrorCode(code) ? code : 'internal';
}

function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(errorCodes, word);
}

/** undici says only "fetch failed"; the reason is in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.name === 'TimeoutError' ? 'timeout' : error.message;
}
