import { createHmac } from 'node:crypto';
import type { Secret } from '@gatehouse/shared/secret';

/** For `X-TFE-Notification-Signature`: HMAC-SHA512 of the very bytes of the body, in hex. */
export function notificationSignature(token: Secret, body: string): string {
  return createHmac('sha512', token.reveal()).update(body).digest('hex');
}
