import { Sha256 } from '@aws-crypto/sha256-js';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { refusal, startEmulator } from './start-emulator.ts';

type Tampering = {
  method?: 'GET' | 'POST';
  service?: string;
  signedBody?: string;
  sentBody?: string;
  extraHeaders?: Record<string, string>;
  sentHeaders?: (headers: Record<string, string>) => Record<string, string>;
};

async function setup() {
  const emulator = await startEmulator();
  const form = 'Action=GetCallerIdentity&Version=2011-06-15';
  /** Signs a call by hand and may change it afterwards. */
  const call = async (tampering: Tampering = {}) => {
    const { method = 'POST', service = 'sts', signedBody = form, extraHeaders = {} } = tampering;
    const { host } = new URL(emulator.url);
    const signer = new SignatureV4({
      credentials: emulator.userKeys,
      region: 'us-east-1',
      service,
      sha256: Sha256,
      applyChecksum: false,
    });
    const signed = await signer.sign({
      method,
      protocol: 'http:',
      hostname: host,
      path: '/',
      query: method === 'GET' ? Object.fromEntries(new URLSearchParams(signedBody)) : {},
      headers: { host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...extraHeaders },
      ...(method === 'POST' ? { body: signedBody } : {}),
    });
    const { host: _host, ...headers } = tampering.sentHeaders?.(signed.headers) ?? signed.headers;
    const sent = tampering.sentBody ?? signedBody;
    const response = await fetch(method === 'GET' ? `${emulator.url}/?${sent}` : emulator.url, {
      method,
      headers,
      ...(method === 'POST' ? { body: sent } : {}),
    });
    const text = await response.text();
    return { status: response.status, text, code: /<Code>(.*)<\/Code>/.exec(text)?.[1], response };
  };
  return { ...emulator, call, form };
}

describe('signature', () => {
  test('the answer has the shape of AWS', async () => {
    const { call } = await setup();
    const { status, text, response } = await call();
    expect(status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(text.replace(/>\s+</g, '><').trim()).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user\/gatehouse<\/Arn><UserId>AIDA\w+<\/UserId><Account>123456789012<\/Account><\/GetCallerIdentityResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/GetCallerIdentityResponse>$/,
    );
  });

  test('a refusal has the shape of AWS', async () => {
    const { url } = await setup();
    const response = await fetch(url, { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    expect(response.status).toBe(403);
    const text = (await response.text()).replace(/>\s+</g, '><').trim();
    expect(text).toMatch(
      /^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>MissingAuthenticationToken<\/Code><Message>Request is missing Authentication Token<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    );
    expect(response.headers.get('x-amzn-requestid')).toBe(/<RequestId>(.*)<\/RequestId>/.exec(text)?.[1]);
  });

  test('a signed GET works too', async () => {
    const { call } = await setup();
    expect((await call({ method: 'GET' })).status).toBe(200);
  });

  test('a wrong secret does not match', async () => {
    const { client, userKeys } = await setup();
    const keys = { ...userKeys, secretAccessKey: 'x'.repeat(40) };
    expect(await refusal(client(keys).send(new GetCallerIdentityCommand({})))).toEqual({
      code: 'SignatureDoesNotMatch',
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      status: 403,
    });
  });

  const otherHash = { 'x-amz-content-sha256': '0'.repeat(64) };
  const tamperings: [string, Tampering][] = [
    ['another body', { sentBody: 'Action=GetCallerIdentity&Version=2011-06-15&DurationSeconds=900' }],
    ['another query', { method: 'GET', sentBody: 'Action=GetCallerIdentity&Version=2011-06-15&x=1' }],
    ['a content hash that is not of the body', { extraHeaders: otherHash }],
    ['an unsigned payload', { extraHeaders: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
    [
      'a changed signed header',
      { extraHeaders: { 'x-note': 'a' }, sentHeaders: (headers) => ({ ...headers, 'x-note': 'b' }) },
    ],
    [
      'a missing signed header',
      { extraHeaders: { 'x-note': 'a' }, sentHeaders: ({ 'x-note': _note, ...headers }) => headers },
    ],
    ['a scope of another service', { service: 's3' }],
    [
      'an empty signature',
      {
        sentHeaders: (headers) => ({
          ...headers,
          authorization: headers['authorization']?.replace(/Signature=\w+/, 'Signature=0') ?? '',
        }),
      },
    ],
    [
      'a host that is not signed',
      {
        sentHeaders: (headers) => ({ ...headers, authorization: headers['authorization']?.replace('host;', '') ?? '' }),
      },
    ],
  ];
  test.each(tamperings)('%s does not match', async (_name, tampering) => {
    const { call } = await setup();
    expect(await call(tampering)).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  test.each([
    ['Bearer something', 'IncompleteSignature'],
    ['AWS4-HMAC-SHA256 Credential=AKIA/20260101, SignedHeaders=host, Signature=00', 'IncompleteSignature'],
  ])('the authorization header %s is incomplete', async (authorization, code) => {
    const { call } = await setup();
    expect(await call({ sentHeaders: (headers) => ({ ...headers, authorization }) })).toMatchObject({
      status: 400,
      code,
    });
  });

  test.each([
    ['AssumeRoleWithSAML', '2011-06-15', 'Could not find operation AssumeRoleWithSAML for version 2011-06-15'],
    ['GetCallerIdentity', '2010-01-01', 'Could not find operation GetCallerIdentity for version 2010-01-01'],
  ])('the action %s of version %s does not exist', async (action, version, message) => {
    const { call } = await setup();
    const answer = await call({ signedBody: `Action=${action}&Version=${version}` });
    expect(answer).toMatchObject({ status: 400, code: 'InvalidAction' });
    expect(answer.text).toContain(`<Message>${message}</Message>`);
  });

  test.each([
    [
      -16 * 60_000,
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
      'signature_expired',
    ],
    [
      16 * 60_000,
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$/,
      'signature_early',
    ],
  ])('a client clock that is %i ms off is refused, and no code is spent', async (offsetMs, message, reason) => {
    const { client, mfa, state } = await setup();
    const input = mfa();
    expect(await refusal(client(undefined, offsetMs).send(new GetSessionTokenCommand(input)))).toEqual({
      code: 'SignatureDoesNotMatch',
      message: expect.stringMatching(message),
      status: 403,
    });
    expect(state.journal.entries.at(-1)?.reason).toBe(reason);
    await expect(client().send(new GetSessionTokenCommand(input))).resolves.toBeDefined();
  });

  test.each([-14 * 60_000, 14 * 60_000])('a client clock that is %i ms off is forgiven', async (offsetMs) => {
    const { client } = await setup();
    await expect(client(undefined, offsetMs).send(new GetCallerIdentityCommand({}))).resolves.toBeDefined();
  });
});
