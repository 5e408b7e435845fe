import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';

export type OpenConnection = { socket: Socket; openedAt: number; endedAt(): number | undefined; received(): string };

/** Stays open until the api ends it. */
export function openConnection(port: number, bytes: string, isReading = true): OpenConnection {
  const socket = connect(port, '127.0.0.1');
  const openedAt = Date.now();
  let endedAt: number | undefined;
  let received = '';
  if (isReading) {
    socket.on('data', (chunk: Buffer) => {
      if (received.length < 20_000) received += chunk.toString('latin1');
    });
  } else socket.pause();
  socket.on('error', () => undefined);
  socket.once('close', () => {
    endedAt = Date.now();
  });
  socket.write(bytes);
  return { socket, openedAt, endedAt: () => endedAt, received: () => received };
}

/** What the process has in memory, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
