import { connect, type Socket } from 'node:net';

/** An address, since names are looked up in processes of their run (`resolve-names.ts`), or a unix socket. */
export type Place = { host: string; port: number } | { path: string };

/** Per place. Longer than a lost SYN and its second try, shorter than an SDK's patience. */
export const connectTimeoutMs = 10_000;

/** The first that answers, asked one after the other; undefined: none does in time. It is destroyed when `client` has gone meanwhile. */
export async function dialFirst(
  places: readonly Place[],
  { client, timeoutMs }: { client: Socket; timeoutMs: number },
): Promise<Socket | undefined> {
  for (const place of places) {
    const upstream = await dial(place, timeoutMs);
    if (client.destroyed) upstream?.destroy();
    if (client.destroyed || upstream !== undefined) return upstream;
  }
  return undefined;
}

/** undefined when the place does not answer in time. The socket keeps half-open ends, as TLS close needs. */
function dial(place: Place, timeoutMs: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...place, allowHalfOpen: true });
    const give = (result: Socket | undefined) => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      if (result === undefined) {
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => give(undefined));
    socket.once('error', () => give(undefined));
    socket.once('connect', () => give(socket));
  });
}

/** Carries bytes both ways. Each ends with the other, and when one of them is silent for `idleTimeoutMs` (default: for ever). */
export function join(client: Socket, upstream: Socket, { idleTimeoutMs = 0 } = {}): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.once('close', () => other.destroy());
    one.setTimeout(idleTimeoutMs, () => one.destroy());
    one.pipe(other);
  }
}
