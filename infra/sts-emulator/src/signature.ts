import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { authenticationMissing, signatureIncomplete, signatureRefused } from './sts-error.ts';

// Signature Version 4, checked the way AWS describes it: sign the request again with the caller's secret and compare.
// Presigned URLs (signature in the query) are not emulated; no part of Gatehouse or terraform makes them for STS.

/** A request as it came over the wire. */
export type WireRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Lower-case names; `host` keeps its port, since the client signed it so. */
  headers: Record<string, string>;
  body: Buffer;
};

export type Authorization = {
  accessKeyId: string;
  /** yyyymmdd, the day in the credential scope. */
  scopeDate: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  /** From x-amz-date. */
  signedAt: Date;
  /** x-amz-date as it was sent. */
  longDate: string;
};

// AWS forgives a quarter of an hour in either direction.
const toleranceMs = 15 * 60 * 1000;

/** Reads the authorization header; throws MissingAuthenticationToken or IncompleteSignature. */
export function readAuthorization(request: WireRequest): Authorization {
  const header = request.headers['authorization'];
  if (header === undefined) throw authenticationMissing();
  const parts = new Map(
    [...header.matchAll(/(Credential|SignedHeaders|Signature)=([^,\s]+)/g)].map(([, name, value]) => [name, value]),
  );
  const scope = parts.get('Credential')?.split('/') ?? [];
  const [accessKeyId, scopeDate, region, service, terminator] = scope;
  const signedHeaders = parts.get('SignedHeaders')?.toLowerCase().split(';');
  const signature = parts.get('Signature');
  if (!header.startsWith('AWS4-HMAC-SHA256 ') || signedHeaders === undefined || signature === undefined) {
    throw signatureIncomplete(
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
        "Authorization header requires 'SignedHeaders' parameter.",
    );
  }
  if (!accessKeyId || !scopeDate || !region || !service || terminator !== 'aws4_request' || scope.length !== 5) {
    throw signatureIncomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term',
    );
  }
  for (const name of ['host', 'x-amz-date']) {
    if (!signedHeaders.includes(name) || request.headers[name] === undefined) {
      throw signatureRefused(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  const longDate = request.headers['x-amz-date'] ?? '';
  const signedAt = parseLongDate(longDate);
  if (signedAt === undefined) throw signatureIncomplete(`Date must be in ISO-8601 'basic format'. Got '${longDate}'.`);
  return { accessKeyId, scopeDate, region, service, signedHeaders, signature, signedAt, longDate };
}

/** Throws SignatureDoesNotMatch when scope, clock, body or signature are not right. */
export async function verifySignature(
  request: WireRequest,
  authorization: Authorization,
  expected: { secretAccessKey: string; service: string },
  now: Date,
): Promise<void> {
  verifyScope(authorization, expected.service);
  verifyClock(authorization, now);
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  // The signer believes this header instead of hashing the body, so it is compared with the real hash first.
  if ((request.headers['x-amz-content-sha256'] ?? bodyHash) !== bodyHash) throw mismatch();
  const signature = await sign(request, authorization, expected.secretAccessKey);
  if (!equalInConstantTime(signature, authorization.signature)) throw mismatch();
}

function verifyScope({ service, scopeDate, longDate }: Authorization, expected: string): void {
  if (service !== expected) throw signatureRefused(`Credential should be scoped to correct service: '${expected}'. `);
  if (scopeDate !== longDate.slice(0, 8)) {
    throw signatureRefused(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scopeDate}' != ` +
        `'${longDate.slice(0, 8)}', from '${longDate}'.`,
    );
  }
}

function verifyClock({ signedAt, longDate }: Authorization, now: Date): void {
  const at = (shiftMs: number) => formatLongDate(new Date(now.getTime() + shiftMs));
  if (signedAt.getTime() < now.getTime() - toleranceMs) {
    const message = `Signature expired: ${longDate} is now earlier than ${at(-toleranceMs)} (${at(0)} - 15 min.)`;
    throw signatureRefused(message, 'signature_expired');
  }
  if (signedAt.getTime() > now.getTime() + toleranceMs) {
    const message = `Signature not yet current: ${longDate} is still later than ${at(toleranceMs)} (${at(0)} + 15 min.)`;
    throw signatureRefused(message, 'signature_early');
  }
}

async function sign(request: WireRequest, authorization: Authorization, secretAccessKey: string): Promise<string> {
  const { accessKeyId, region, service, signedAt, signedHeaders } = authorization;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const names = new Set(signedHeaders);
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => names.has(name)));
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '',
      path: request.path,
      query: queryOf(request.query),
      headers,
      body: request.body,
    },
    // Named as signable, a header is signed even when the signer would leave it out by itself (user-agent, …).
    { signingDate: signedAt, signableHeaders: names },
  );
  return /Signature=([0-9a-f]+)/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
}

function queryOf(query: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}

function equalInConstantTime(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && one.length > 0 && timingSafeEqual(one, other);
}

function mismatch() {
  return signatureRefused(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
  );
}

function parseLongDate(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** `20260131T120000Z`. */
function formatLongDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}
