import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type AllowList, type Destination, judgeDestination, type Resolve } from '@gatehouse/shared/address-guard';
import type { Secret } from '@gatehouse/shared/secret';

export type WebhookRequest = {
  /** http or https, without userinfo. May hold a right of access: it is in no answer and in no error of this file. */
  url: Secret;
  headers: Readonly<Record<string, string>>;
  body: string;
};

export type WebhookAnswer =
  | { kind: 'answered'; code: number; headers: Record<string, string[]>; body: string }
  /** `refused`: by us, since it leads where nothing may be sent. `silent`: no answer, or none that can be read. */
  | { kind: 'refused' | 'silent'; reason: string };

export type PostWebhook = (request: WebhookRequest) => Promise<WebhookAnswer>;

/** A receiver that has more to do puts it off: a request waits for it, and a person for the request. */
const defaultTimeoutMs = 5_000;
/** Of an answer nothing beyond is read; more than is kept of it, since it may be of many bytes a character. */
const maxBodyBytes = 16 * 1024;
const maxHeaderBytes = 16 * 1024;

/**
 * Sends one request and never follows a redirection. The name is resolved here, and what was judged is what is dialled:
 * the answer of a second look-up could lead elsewhere. No connection is kept, and no proxy of the environment is used.
 */
export function createWebhooks(options: { allow: AllowList; resolve?: Resolve; timeoutMs?: number }): PostWebhook {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return async ({ url, headers, body }) => {
    const target = new URL(url.reveal());
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const judged = await orAborted(judgeDestination(destinationOf(target), options.allow, options.resolve), signal);
      if (judged.allowed.length === 0) {
        const reason = `Gatehouse sends nothing there: ${judged.refusal}. An operator can allow it.`;
        return { kind: 'refused', reason };
      }
      return await send(target, { headers, body, lookup: pinnedTo(judged.allowed), signal });
    } catch (error) {
      return { kind: 'silent', reason: signal.aborted ? `No answer within ${timeoutMs / 1000} s.` : wordsOf(error) };
    }
  };
}

function destinationOf(url: URL): Destination {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

/** Gives the connection the addresses that were judged, whatever the name would resolve to by now. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all: wantsAll }, callback) => {
    const [first] = all;
    if (wantsAll || first === undefined) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

function send(
  target: URL,
  {
    body,
    headers,
    lookup,
    signal,
  }: Pick<WebhookRequest, 'headers' | 'body'> & { lookup: LookupFunction; signal: AbortSignal },
): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const request: ClientRequest = start(
      target,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Gatehouse',
          ...headers,
        },
        agent: false,
        lookup,
        signal,
        maxHeaderSize: maxHeaderBytes,
      },
      (response) => {
        // From here on the answer decides: an error is a body that breaks off.
        request.off('error', reject).on('error', () => undefined);
        readAnswer(response).then((answer) => {
          // Whatever else it has to say is not waited for.
          request.destroy();
          resolve(answer);
        }, reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** The status is the answer: a body that breaks off, or comes too slowly, takes nothing from it. */
async function readAnswer(response: IncomingMessage): Promise<WebhookAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBodyBytes) break;
    }
  } catch {
    // What came so far is kept.
  }
  const headers: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(response.headersDistinct)) if (values) headers[name] = values;
  // A status is always there once the headers are.
  const code = response.statusCode ?? 0;
  return { kind: 'answered', code, headers, body: Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8') };
}

async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
  ]);
}

const wordsOfCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name has no address.',
  EAI_AGAIN: 'The name cannot be resolved at the moment.',
  ECONNREFUSED: 'Nothing listens there.',
  ECONNRESET: 'The connection was cut.',
  EHOSTUNREACH: 'There is no way there.',
  ENETUNREACH: 'There is no way there.',
  HPE_HEADER_OVERFLOW: `The answer has more than ${maxHeaderBytes} bytes of headers.`,
};

/** Never the error's own message, which may hold the address. */
function wordsOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : 'unknown';
  const known = wordsOfCodes[code];
  if (known !== undefined) return known;
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)
    ? `No trust in its certificate (${code}).`
    : `No answer (${code}).`;
}
