import { connect, createServer, type Server, type Socket } from 'node:net';

/** By which header a proxy takes a request to end; `chunked`: by that one where it is there. */
export type Framing = 'content-length' | 'chunked';

/**
 * A proxy as they should not be: it frames requests by one header only, passes on their bytes as they are, and sends those
 * of all its clients over one connection, whose answers it hands out in order. Where the api takes a body to end earlier,
 * what is left of it would be answered to the next client.
 */
export async function startNaiveRelay(apiPort: number, framing: Framing) {
  type Waiting = { bytes: string; answer(text: string): void; isRepeated: boolean };
  let upstream: Socket | undefined;
  let waiting: Waiting[] = [];
  /** Answers that nobody asked for yet: the next client gets them. */
  let early: string[] = [];

  function toApi(): Socket {
    if (upstream !== undefined && !upstream.destroyed && upstream.writable) return upstream;
    const socket = connect(apiPort, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let answer = firstAnswer(text); answer !== undefined; answer = firstAnswer(text)) {
        text = text.slice(answer.length);
        const client = waiting.shift();
        if (client === undefined) early.push(answer);
        else client.answer(answer);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (upstream !== socket) return;
      upstream = undefined;
      early = [];
      const left = waiting;
      waiting = [];
      // A request that met the end of the connection is sent again, once, as proxies do.
      for (const client of left) {
        if (client.isRepeated) client.answer('');
        else send({ ...client, isRepeated: true });
      }
    });
    upstream = socket;
    return socket;
  }

  function send(client: Waiting): void {
    const socket = toApi();
    const answer = early.shift();
    if (answer === undefined) waiting.push(client);
    else client.answer(answer);
    socket.write(Buffer.from(client.bytes.slice(0, lengthOf(client.bytes, framing)), 'latin1'));
  }

  // A real listener, so that it is a hop like any other.
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (chunk: Buffer) => {
      const answer = (text: string) => void client.end(Buffer.from(text, 'latin1'));
      send({ bytes: chunk.toString('latin1'), answer, isRepeated: false });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    close() {
      upstream?.destroy();
      server.close();
    },
  };
}

/** A server that frames requests by one header only, too, and answers each with the address that was asked for. */
export async function startNaiveServer(framing: Framing) {
  const server = createServer((client) => {
    let text = '';
    client.on('error', () => undefined);
    client.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      while (text.includes('\r\n\r\n') && text.length >= lengthOf(text, framing)) {
        const url = text.split(' ')[1] ?? '';
        text = text.slice(lengthOf(text, framing));
        client.write(`HTTP/1.1 200 OK\r\nContent-Length: ${url.length}\r\n\r\n${url}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server), close: () => void server.close() };
}

/** How much of it is taken for one request. */
function lengthOf(bytes: string, framing: Framing): number {
  const head = bytes.indexOf('\r\n\r\n') + 4;
  const headers = bytes.slice(0, head).toLowerCase();
  const end = bytes.indexOf('0\r\n\r\n', head);
  if (framing === 'chunked' && headers.includes('chunked') && end !== -1) return end + 5;
  return head + Number(/content-length\s*: *(\d+)/.exec(headers)?.[1] ?? 0);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

/** The first whole answer at the beginning of `text`. */
function firstAnswer(text: string): string | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  if (/^transfer-encoding: *chunked/im.test(text.slice(0, head))) {
    const end = text.indexOf('\r\n0\r\n\r\n', head);
    return end === -1 ? undefined : text.slice(0, end + 7);
  }
  const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length < head + 4 + length ? undefined : text.slice(0, head + 4 + length);
}
