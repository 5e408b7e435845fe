import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';
import type { Keys } from './start-emulator.ts';

// Lambda and SSM as their SDKs call them: signed JSON over HTTP.

type Emulator = { url: string; clock: () => Date };

export function invoke(emulator: Emulator, keys: Keys, name = 'gatehouse-demo', query: Record<string, string> = {}) {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  return send(emulator, keys, { service: 'lambda', path, query, headers: {}, body: {} });
}

export function callSsm(emulator: Emulator, keys: Keys, action: string, body: object) {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${action}` };
  return send(emulator, keys, { service: 'ssm', path: '/', query: {}, headers, body });
}

async function send(
  { url, clock }: Emulator,
  keys: Keys,
  call: {
    service: string;
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    body: object;
  },
) {
  const { host, hostname } = new URL(url);
  const body = JSON.stringify(call.body);
  const signer = new SignatureV4({
    credentials: keys,
    region: 'eu-central-1',
    service: call.service,
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname,
      path: call.path,
      query: call.query,
      headers: { ...call.headers, host },
      body,
    },
    { signingDate: clock() },
  );
  const search = new URLSearchParams(call.query).toString();
  const answer = await fetch(`${url}${call.path}${search === '' ? '' : `?${search}`}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': call.headers['content-type'] ?? 'application/json' },
    body,
  });
  const content: unknown = await answer.json();
  const named = z.object({ __type: z.string() }).safeParse(content);
  const error = answer.headers.get('x-amzn-errortype') ?? named.data?.__type;
  return { status: answer.status, body: content, ...(error === undefined ? {} : { error }) };
}
