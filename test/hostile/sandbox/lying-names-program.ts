// Started in a network of its own by lying-names.test.ts: answers for names as an attacker's server may, and plays
// a public host and services that nobody may reach. Prints `public` or `inside` for each connection.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** What the n-th question (from 0 on) for a name's addresses is answered with. */
type Answers = (asked: number) => { a?: readonly string[]; aaaa?: readonly string[] };

const [publicHost = '', privateHost = ''] = process.argv.slice(2);
const names: Readonly<Record<string, Answers>> = {
  'public.example.com': () => ({ a: [publicHost] }),
  'turns.example.com': (asked) => ({ a: [asked % 2 === 0 ? publicHost : '127.0.0.1'] }),
  'both.example.com': (asked) => ({
    a: asked % 2 === 0 ? [publicHost, '127.0.0.1', privateHost] : ['127.0.0.1', publicHost],
  }),
  'loopback.example.com': () => ({ a: ['127.0.0.1'] }),
  'other-loopback.example.com': () => ({ a: ['127.8.8.8'] }),
  'private.example.com': () => ({ a: [privateHost] }),
  'nowhere.example.com': () => ({ a: ['0.0.0.0'] }),
  'metadata.example.com': () => ({ a: ['169.254.169.254'] }),
  'six.example.com': () => ({ aaaa: ['00000000000000000000000000000001'] }),
  'mapped.example.com': () => ({ aaaa: ['00000000000000000000ffff7f000001'] }),
  'translated.example.com': () => ({ aaaa: ['0064ff9b00000000000000007f000001'] }),
};

const asked = new Map<string, number>();
const typeA = 1;
const typeAaaa = 28;
const dns = createSocket('udp4', (query, from) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const name = labels.join('.');
  const count = asked.get(name) ?? 0;
  if (type === typeA) asked.set(name, count + 1);
  const { a = [], aaaa = [] } = names[name]?.(count) ?? {};
  const data =
    type === typeA
      ? a.map((address) => Buffer.from(address.split('.').map(Number)))
      : type === typeAaaa
        ? aaaa.map((address) => Buffer.from(address, 'hex'))
        : [];
  const head = Buffer.from(query.subarray(0, at + 5));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(data.length, 6);
  head.writeUInt32BE(0, 8);
  const records = data.map((bytes) => {
    // The question's name, the internet, to be forgotten at once.
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
    return Buffer.concat([record, bytes]);
  });
  dns.send(Buffer.concat([head, ...records]), from.port, from.address);
});
dns.bind(53, '127.0.0.53');

/** Ports of services that are not those of the web. */
const ports = [80, 443, 6379];
let listening = 0;
const services = ports.flatMap((port) => [
  { host: publicHost, port, says: 'public' },
  ...['127.0.0.1', '127.8.8.8', privateHost, '::1'].map((host) => ({ host, port, says: 'inside' })),
]);
for (const { host, port, says } of services) {
  createServer((socket) => {
    process.stdout.write(`${says}\n`);
    socket.on('error', () => undefined);
    socket.end(`${says}\n`);
  }).listen(port, host, () => {
    listening++;
    if (listening === services.length) process.stdout.write('ready\n');
  });
}
