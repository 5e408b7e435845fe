import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import type { AbuseWorld } from './abuse-world.ts';
import { type Framing, startNaiveRelay, startNaiveServer } from './naive-relay.ts';
import { exchange, requestText } from './raw-http.ts';

const area = 'API: smuggling';

const json = 'Content-Type: application/json';
const chunked = 'Transfer-Encoding: chunked';
const target = 'POST /api/v2/session HTTP/1.1';

/** Requests that two programs read in two ways, with another one behind that must not be served. */
function ambiguous(host: string): Record<string, string> {
  const smuggled = requestText('GET /healthz?smuggled HTTP/1.1', [host, 'X-A: b']);
  const behind = `0\r\n\r\n${smuggled}`;
  const size = smuggled.length.toString(16);
  const post = (headers: readonly string[], body: string) => requestText(target, [host, json, ...headers], body);
  return {
    'CL.TE': post([`Content-Length: ${behind.length}`, chunked], behind),
    'TE.CL': post([chunked, `Content-Length: ${size.length + 2}`], `${size}\r\n${smuggled}\r\n0\r\n\r\n`),
    'TE.TE, the second hides the first': post([chunked, 'Transfer-Encoding: identity'], behind),
    'an unknown coding': post(['Transfer-Encoding: xchunked'], behind),
    'chunked, then another coding': post(['Transfer-Encoding: chunked, identity'], behind),
    'a space before the colon': post(['Transfer-Encoding : chunked'], behind),
    'a control character before the coding': post(['Transfer-Encoding: \x0bchunked'], behind),
    'chunked over HTTP/1.0': requestText('POST /api/v2/session HTTP/1.0', [host, json, chunked], behind),
    'two lengths': post(['Content-Length: 0', `Content-Length: ${smuggled.length}`], smuggled),
    'a length twice': post(['Content-Length: 2', 'Content-Length: 2'], `{}${smuggled}`),
    'a list of lengths': post(['Content-Length: 2, 2'], `{}${smuggled}`),
    'a length with a sign': post(['Content-Length: +2'], `{}${smuggled}`),
    'a negative length': post(['Content-Length: -2'], `{}${smuggled}`),
    'a length in hexadecimal': post(['Content-Length: 0x2'], `{}${smuggled}`),
    'a folded header': post(['Transfer-Encoding:', ' chunked'], behind),
    'a header that begins with a space': requestText(target, [` ${host}`, host, json, chunked], behind),
    'lines that end without a return': `GET /healthz HTTP/1.1\n${host}\n\n${smuggled}`,
    'one line that ends without a return': `GET /healthz HTTP/1.1\r\n${host}\r\nX-A: b\n${chunked}\r\n\r\n${behind}`,
    'a return in the middle of a line': `GET /healthz HTTP/1.1\r\n${host}\r\nX-A: b\r${chunked}\r\n\r\n${behind}`,
    'a NUL in a header': requestText(target, [host, json, 'X-A: a\0b', chunked], behind),
    'a chunk whose line ends without a return': post([chunked], `2\n{}\n${behind}`),
    'a chunk with a size in another form': post([chunked], `0x2\r\n{}\r\n${behind}`),
    'a chunk larger than any number': post([chunked], `fffffffffffffffff\r\n{}\r\n${behind}`),
    'a chunk that is longer than it says': post([chunked], `1\r\n{}\r\n${behind}`),
    'an extension of a chunk with a line of its own': post([chunked], `2;\nxx\r\n{}\r\n${behind}`),
    'two hosts': requestText('GET /healthz HTTP/1.1', [host, 'Host: evil.example'], smuggled),
    'no host': requestText('GET /healthz HTTP/1.1', ['X-A: b'], smuggled),
    'HTTP/0.9': `GET /healthz\r\n\r\n${smuggled}`,
    'HTTP/1.0 with another behind it': `GET /healthz HTTP/1.0\r\n\r\n${smuggled}`,
    CONNECT: requestText('CONNECT evil.example:443 HTTP/1.1', [host], smuggled),
  };
}

/** As a client sends it who wants a proxy that goes by the length to pass on all of it. */
function withLength(bytes: string): string {
  const [head = '', ...body] = bytes.split('\r\n\r\n');
  if (body.length === 0 || /^content-length/im.test(head)) return bytes;
  const rest = body.join('\r\n\r\n');
  return `${head}\r\nContent-Length: ${rest.length}\r\n\r\n${rest}`;
}

/** Ways to have a second request served out of the first. */
export function wireRows(worldOf: () => AbuseWorld): void {
  row(
    {
      area,
      harm: 'requests that can be read in two ways, with a second one inside',
      when: 'from the network',
      holds: 'the connection ends with the first, and the second is never served',
      isChosen: true,
    },
    async () => {
      const { port } = worldOf();
      for (const [name, bytes] of Object.entries(ambiguous(`Host: 127.0.0.1:${port}`))) {
        const { statuses, isClosed } = await exchange(port, bytes);
        const served = statuses.filter((status) => status < 400).length;
        expect({ name, isClosed }).toEqual({ name, isClosed: true });
        // HTTP/1.0 is served as such: the first may be answered before the connection ends.
        expect(served, name).toBeLessThanOrEqual(name === 'HTTP/1.0 with another behind it' ? 1 : 0);
      }
    },
  );

  row(
    {
      area,
      harm: 'a second request in the body of one that is refused before its body is read',
      when: 'from the network',
      holds: 'the body stays a body',
      isChosen: true,
    },
    async () => {
      const { port } = worldOf();
      const host = `Host: 127.0.0.1:${port}`;
      const smuggled = requestText('GET /healthz?smuggled HTTP/1.1', [host]);
      const lines = [
        'POST /nothing HTTP/1.1',
        'GET /healthz HTTP/1.1',
        'POST /api/v2/runs HTTP/1.1',
        'PUT /api/worker/v1/runs/run-1/state HTTP/1.1',
        'PUT /api/v2/uploads/configuration-versions/forged HTTP/1.1',
        'POST /queue-raw/api/queues HTTP/1.1',
      ];
      for (const line of lines) {
        const bytes = requestText(line, [host, `Content-Length: ${smuggled.length}`], smuggled);
        const { statuses } = await exchange(port, bytes);
        expect({ line, answers: statuses.length }).toEqual({ line, answers: 1 });
      }
    },
  );

  for (const framing of ['content-length', 'chunked'] satisfies Framing[]) {
    row(
      {
        area,
        harm: 'the same through a naive proxy, before the request of somebody else',
        when: `a proxy that goes by ${framing === 'chunked' ? 'Transfer-Encoding' : 'Content-Length'} alone`,
        holds: 'the other one gets the answer to her own request, or none',
        isChosen: true,
      },
      async () => {
        const { port } = worldOf();
        const host = `Host: 127.0.0.1:${port}`;
        const hers = async (bytes: string, relayPort: number) => {
          await exchange(relayPort, bytes, { silenceMs: 150 });
          return exchange(relayPort, requestText('GET /.well-known/terraform.json HTTP/1.1', [host]));
        };
        const attacks = Object.entries(ambiguous(host)).map(([name, bytes]) => ({
          name,
          bytes: framing === 'content-length' ? withLength(bytes) : bytes,
        }));
        const relay = await startNaiveRelay(port, framing);
        const lenient = await startNaiveServer(framing === 'chunked' ? 'content-length' : 'chunked');
        const relayOfLenient = await startNaiveRelay(lenient.port, framing);
        try {
          let answered = 0;
          for (const { name, bytes } of attacks) {
            const { text } = await hers(bytes, relay.port);
            expect({ name, text }).toEqual({ name, text: text === '' ? '' : expect.stringContaining('"tfe.v2"') });
            if (text !== '') answered += 1;
          }
          expect(answered).toBeGreaterThan(attacks.length / 2);
          // Before a server that reads it the other way, and does not refuse, this proxy is fooled.
          const fooled = attacks.find(({ name }) => name === (framing === 'chunked' ? 'TE.CL' : 'CL.TE'));
          expect((await hers(fooled?.bytes ?? '', relayOfLenient.port)).text).toContain('smuggled');
        } finally {
          for (const part of [relay, relayOfLenient, lenient]) part.close();
        }
      },
    );
  }

  row(
    {
      area,
      harm: 'an upgrade to another protocol, an address with another host, an expectation that nobody knows',
      when: 'from the network',
      holds: 'nothing is switched, nothing is fetched, and what is unknown is refused',
      isChosen: true,
    },
    async () => {
      const { port } = worldOf();
      const host = `Host: 127.0.0.1:${port}`;
      for (const upgrade of ['Upgrade: h2c', 'Upgrade: websocket']) {
        const headers = [host, 'Connection: Upgrade, HTTP2-Settings', upgrade, 'HTTP2-Settings: AAMAAABkAAQAAP__'];
        const { statuses } = await exchange(port, requestText('GET /healthz HTTP/1.1', headers));
        expect(statuses).toEqual([200]);
      }
      const absolute = await exchange(port, requestText('GET http://evil.example/healthz HTTP/1.1', [host]));
      expect(absolute.text).not.toContain('evil.example');
      const unknown = requestText(target, [host, json, 'Expect: 200-maybe', 'Content-Length: 2'], '{}');
      expect((await exchange(port, unknown)).statuses).toEqual([417]);
    },
  );
}
