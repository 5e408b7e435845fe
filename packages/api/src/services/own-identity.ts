import { Secret } from '@gatehouse/shared/secret';
import type { AwsIdentity } from '../store/aws-identities.ts';
import type { AwsKeys, Vault } from './aws-variables.ts';

/** What the secret access key of an identity is sealed for. */
export function identitySecretContext(identityId: string): string {
  return `aws-identity-secret/${identityId}`;
}

/** The keys of a member's own identity, as the gate lane gets them. */
export async function openIdentity({ sealer }: Pick<Vault, 'sealer'>, identity: AwsIdentity): Promise<AwsKeys> {
  const secret = await sealer.unsealText(identity.sealedSecretAccessKey, identitySecretContext(identity.id));
  return { accessKeyId: identity.accessKeyId, secretAccessKey: new Secret(secret), sessionToken: undefined };
}
