import { z } from 'zod';

export type ApiAnswer = { status: number; headers: Headers; body: unknown };

export type ApiClient = {
  url: string;
  token: string;
  /** Any answer, whatever its status. `path` begins with `/`; a body is sent as JSON. */
  request(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** The body of a 2xx answer; throws `ApiError` otherwise. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
};

/** An answer that was not 2xx, with the sentences that it gave. */
export class ApiError extends Error {
  readonly status: number;
  readonly codes: readonly string[];

  constructor(request: string, { status, body }: ApiAnswer) {
    const errors = errorDocument.safeParse(body).data?.errors ?? [];
    const details = errors.map(({ detail, title }) => detail ?? title).join(' ');
    super(`${request} was answered with ${status}. ${details}`.trim());
    this.name = 'ApiError';
    this.status = status;
    this.codes = errors.flatMap(({ code }) => code ?? []);
  }
}

const errorDocument = z.object({
  errors: z.array(
    z.object({ code: z.string().optional(), title: z.string().optional(), detail: z.string().optional() }),
  ),
});

const mediaType = 'application/vnd.api+json';

export function createApiClient({ url, token }: { url: string; token: string }): ApiClient {
  async function request(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: mediaType,
        ...(body === undefined ? {} : { 'content-type': mediaType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  }
  return {
    url,
    token,
    request,
    async call(method, path, body) {
      const answer = await request(method, path, body);
      if (answer.status < 200 || answer.status > 299) throw new ApiError(`${method} ${path}`, answer);
      return answer.body;
    },
  };
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A JSON:API request body. */
export function document(type: string, attributes: Record<string, unknown>): unknown {
  return { data: { type, attributes } };
}

const resource = z.looseObject({ id: z.string(), attributes: z.unknown() });

/** The one resource of an answer, its attributes parsed by `attributes`. */
export function resourceOf<Attributes>(
  body: unknown,
  attributes: z.ZodType<Attributes>,
): { id: string; attributes: Attributes } {
  const { id, attributes: given } = z.object({ data: resource }).parse(body).data;
  return { id, attributes: attributes.parse(given) };
}

export function resourcesOf<Attributes>(
  body: unknown,
  attributes: z.ZodType<Attributes>,
): { id: string; attributes: Attributes }[] {
  const { data } = z.object({ data: z.array(resource) }).parse(body);
  return data.map(({ id, attributes: given }) => ({ id, attributes: attributes.parse(given) }));
}
