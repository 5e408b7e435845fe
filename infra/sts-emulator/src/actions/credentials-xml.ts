import type { Session } from '../state/sessions.ts';
import type { XmlTree } from '../xml.ts';

export function credentialsXml({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: Session): XmlTree {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    // AWS writes whole seconds here.
    Expiration: expiresAt.toISOString().replace(/\.\d{3}Z$/, 'Z'),
  };
}
