import { setTimeout as delay } from 'node:timers/promises';
import type { MfaRejection } from '@gatehouse/shared/error-codes';
import { answer, type Harm } from './sts-front.ts';

/** One way in which STS fails a call with a code, and what the person is told; undefined: the code is taken. */
export type StsHarm = { name: string; does: Harm; rejection: MfaRejection | undefined; isChosen?: boolean };

const longestAnswerMs = 12_000;
const xml = { 'content-type': 'text/xml', 'x-amzn-requestid': 'request-1' };

/** A fixed answer instead of AWS's: the code is never looked at. */
function says(status: number, headers: Record<string, string>, body: string): Harm {
  return ({ response }) => answer(response, { status, headers, body: Buffer.from(body) });
}

function error(status: number, code: string, message: string): Harm {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`;
  return says(status, xml, body);
}

/** AWS takes the code, and what it answers is changed on the way. */
function changed(change: (text: string) => string): Harm {
  return async ({ pass, response }) => {
    const passed = await pass();
    answer(response, { ...passed, body: Buffer.from(change(passed.body.toString())) });
  };
}

const expiration = /<Expiration>[^<]*<\/Expiration>/;
const html = '<html><body><h1>It works!</h1><p>unclosed & broken';
const halfOf = (text: string) => text.slice(0, text.indexOf('<SessionToken>') + 20);

export const stsHarms: readonly StsHarm[] = [
  {
    name: 'answers after 3 s',
    rejection: undefined,
    async does({ pass, response, gone }) {
      await delay(3_000, undefined, { signal: gone });
      answer(response, await pass());
    },
  },
  {
    name: 'takes the code and answers only after the request has waited for it',
    rejection: 'sts_unreachable',
    async does({ pass, response }) {
      const passed = await pass();
      await delay(longestAnswerMs);
      if (!response.destroyed) answer(response, passed);
    },
  },
  { name: 'accepts the call and never answers', rejection: 'sts_unreachable', does: () => {} },
  {
    name: 'answers half a body and then nothing',
    rejection: 'sts_unreachable',
    async does({ pass, response }) {
      const { status, headers, body } = await pass();
      response.writeHead(status, { ...headers, 'content-length': String(body.length) });
      response.write(body.subarray(0, body.length / 2));
    },
  },
  {
    name: 'cuts the connection before it answers',
    rejection: 'sts_unreachable',
    isChosen: true,
    does: ({ response }) => void response.socket?.destroy(),
  },
  {
    name: 'takes the code and cuts the connection',
    rejection: 'sts_unreachable',
    isChosen: true,
    async does({ pass, response }) {
      await pass();
      response.socket?.destroy();
    },
  },
  {
    name: 'answers 200 with HTML',
    rejection: 'sts_unreachable',
    isChosen: true,
    does: says(200, { 'content-type': 'text/html' }, html),
  },
  { name: 'answers 200 without a body', rejection: 'sts_unreachable', does: says(200, xml, '') },
  { name: 'answers JSON', rejection: 'sts_unreachable', does: says(200, { 'content-type': 'application/json' }, '{}') },
  { name: 'takes the code and answers XML that is cut off', rejection: 'sts_unreachable', does: changed(halfOf) },
  {
    name: 'answers a body without end',
    rejection: 'sts_unreachable',
    isChosen: true,
    async does({ response, gone }) {
      response.writeHead(200, xml);
      const piece = Buffer.alloc(1024 * 1024, 'x');
      while (!gone.aborted) {
        // Bounded: some 200 MB a second for as long as the worker listens.
        if (!response.write(piece)) await Promise.race([onDrain(response), onAbort(gone)]);
        await delay(5);
      }
    },
  },
  { name: 'answers 302 to another place', rejection: 'sts_unreachable', does: says(302, { location: '/other' }, '') },
  {
    name: 'answers 500 with HTML',
    rejection: 'sts_unreachable',
    does: says(500, { 'content-type': 'text/html' }, html),
  },
  {
    name: 'answers 500 InternalFailure',
    rejection: 'sts_unreachable',
    does: error(500, 'InternalFailure', 'We encountered an internal error.'),
  },
  { name: 'answers 503 Throttling', rejection: 'sts_throttled', does: error(503, 'Throttling', 'Rate exceeded') },
  { name: 'answers 400 Throttling', rejection: 'sts_throttled', does: error(400, 'Throttling', 'Rate exceeded') },
  {
    name: 'takes the code and gives credentials without a secret',
    rejection: 'sts_unreachable',
    does: changed((text) => text.replace(/<SecretAccessKey>[^<]*<\/SecretAccessKey>/, '')),
  },
  {
    name: 'takes the code and gives credentials that ended an hour ago',
    rejection: 'sts_unreachable',
    isChosen: true,
    does: changed((text) => {
      const ended = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '');
      return text.replace(expiration, `<Expiration>${ended}</Expiration>`);
    }),
  },
  {
    name: 'takes the code and gives credentials with an end that is no time',
    rejection: 'sts_unreachable',
    does: changed((text) => text.replace(expiration, '<Expiration>tomorrow</Expiration>')),
  },
  {
    name: 'gives credentials that end in the year 9999',
    rejection: undefined,
    does: changed((text) => text.replace(expiration, '<Expiration>9999-12-31T23:59:59Z</Expiration>')),
  },
  {
    name: 'finds the clock of the worker 10 minutes behind (SignatureDoesNotMatch)',
    rejection: 'sts_denied',
    isChosen: true,
    does: error(
      403,
      'SignatureDoesNotMatch',
      'Signature expired: 20261126T150000Z is now earlier than 20261126T150500Z (20261126T151000Z - 5 min.)',
    ),
  },
  {
    name: 'finds the clock of the worker 10 minutes ahead (SignatureDoesNotMatch)',
    rejection: 'sts_denied',
    does: error(
      403,
      'SignatureDoesNotMatch',
      'Signature not yet current: 20261126T151000Z is still later than 20261126T150500Z (20261126T150000Z + 5 min.)',
    ),
  },
  {
    name: 'finds the call too old (RequestExpired)',
    rejection: 'sts_denied',
    does: error(400, 'RequestExpired', 'Request has expired.'),
  },
];

function onDrain(response: { once(event: 'drain', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => response.once('drain', resolve));
}

function onAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
