import type { Fetch } from '../../src/api-client/api.ts';

/** A connection that the test writes to, as the api would. */
export type Connection = {
  url: string;
  headers: Headers;
  send(text: string): void;
  /** The other side closes. */
  end(): void;
  /** The connection breaks. */
  cut(): void;
  isAborted(): boolean;
};

/** A transport whose connections open as `answer` says: a stream, a status, or not at all. */
export function scriptedTransport(answer: (attempt: number) => 'stream' | number | 'refused' = () => 'stream') {
  const connections: Connection[] = [];
  let attempts = 0;
  const fetch: Fetch = async (url, init) => {
    const kind = answer(attempts++);
    if (kind === 'refused') throw new TypeError('Failed to fetch');
    if (kind !== 'stream') return new Response('{}', { status: kind });
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
    });
    connections.push({
      url,
      headers: new Headers(init?.headers),
      send: (text) => controller?.enqueue(encoder.encode(text)),
      end: () => controller?.close(),
      cut: () => controller?.error(new TypeError('network error')),
      isAborted: () => init?.signal?.aborted ?? false,
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  return { fetch, connections, attempts: () => attempts };
}

export function serverSentEvent(event: string, data: unknown, id?: number | string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
