import { Secret } from 'otpauth';

/** RFC 4648 base32 without padding: the alphabet of AWS's key ids and of MFA secrets. */
export function encodeBase32(bytes: Uint8Array): string {
  return new Secret({ buffer: new Uint8Array(bytes).buffer }).base32;
}
