import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

/**
 * Passes a request's body on and throws `too_large` at the first byte over `maxBytes`. Fastify does not count a body
 * that is streamed. `what` begins the sentence: "A configuration archive".
 */
export async function* limited(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new GatehouseError('too_large', `${what} may have at most ${maxBytes / 1024 / 1024} MiB.`);
    }
    yield chunk;
  }
}

/** A limited body in memory. */
export async function readLimited(source: AsyncIterable<Uint8Array>, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limited(source, maxBytes, what)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
