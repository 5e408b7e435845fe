import { get, type IncomingMessage } from 'node:http';
import { LineCount } from './line-count.ts';
import type { Asked, Told } from './log-readers.ts';
import { quantile } from './measurement.ts';

// Readers of event streams in a process of their own, as those of people are, so that their work is not the server's.
// One and the same for Gatehouse and for what it is held against. Started by log-readers.ts.

const tell = (told: Told) => process.send?.(told);

process.once('message', async (asked: Asked) => {
  const answers = await Promise.all(asked.tokens.map((token) => open(asked.url, token)));
  tell({ kind: 'open' });
  if (asked.watch === 'lines') {
    const [only] = answers;
    if (only === undefined) throw new Error('Lines are counted by one reader.');
    tell({ kind: 'counted', ...(await countLines(only)) });
  } else if (asked.watch === 'nothing') {
    await Promise.all(answers.map((answer) => new Promise((resolve) => answer.resume().once('close', resolve))));
  } else {
    const waits = await Promise.all(answers.map(waitsOf));
    const all = waits.flat();
    tell({
      kind: 'waited',
      fewest: Math.min(...waits.map(({ length }) => length)),
      p50: quantile(all, 0.5),
      p99: quantile(all, 0.99),
    });
  }
  process.disconnect();
});

async function open(url: string, token: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (answer) => {
      if (answer.statusCode === 200) resolve(answer);
      else reject(new Error(`A reader of ${url} was answered with ${answer.statusCode}.`));
    });
    request.once('error', reject);
  });
}

async function countLines(answer: IncomingMessage) {
  const count = new LineCount();
  let rest = '';
  answer.setEncoding('utf8');
  for await (const text of answer as AsyncIterable<string>) {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^event: log\ndata: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) count.take(JSON.parse(data), performance.now());
    }
  }
  return count.result();
}

/** Of each line that says when it was written: how long it took (ms). Looks for no more than that, since readers are many. */
async function waitsOf(answer: IncomingMessage): Promise<number[]> {
  const waits: number[] = [];
  let rest = '';
  answer.setEncoding('latin1');
  answer.on('data', (bytes: string) => {
    const now = performance.timeOrigin + performance.now();
    const text = rest + bytes;
    let end = 0;
    for (const { 0: whole, 1: writtenAt, index } of text.matchAll(/written (\d{19})/g)) {
      waits.push(now - Number(writtenAt) / 1e6);
      end = index + whole.length;
    }
    rest = text.slice(Math.max(end, text.length - 'written '.length - 19));
  });
  await new Promise((resolve) => answer.once('close', resolve));
  return waits;
}
