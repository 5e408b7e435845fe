import { connect } from 'node:net';

/** What came back on one connection. */
export type Exchange = {
  /** Of every answer, in their order; 100 is none. */
  statuses: number[];
  text: string;
  /** Whether the other side ended the connection. */
  isClosed: boolean;
};

/** An answer comes within milliseconds; what has not come after so long is not coming (ms). */
const silenceMs = 400;

/** Sends these very bytes, and listens until the connection ends or is silent. */
export function exchange(port: number, bytes: string | Buffer, more: { silenceMs?: number } = {}): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (isClosed: boolean) => {
      clearTimeout(silence);
      socket.destroy();
      resolve({ statuses: statusesIn(text), text, isClosed });
    };
    const wait = () => setTimeout(() => done(false), more.silenceMs ?? silenceMs);
    let silence = wait();
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      clearTimeout(silence);
      silence = wait();
    });
    socket.on('error', () => done(true));
    socket.on('close', () => done(true));
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)]
    .map((match) => Number(match[1]))
    .filter((status) => status !== 100);
}

/** `headers`: lines without their ends. */
export function requestText(line: string, headers: readonly string[], body = ''): string {
  return `${[line, ...headers].join('\r\n')}\r\n\r\n${body}`;
}
