import { Secret } from '@gatehouse/shared/secret';
import type { Actor } from '../src/domain/actor.ts';
import { registerAwsIdentity } from '../src/services/register-aws-identity.ts';
import type { RunWorld } from './run-world.ts';

export const account = '123456789012';
export const deviceOf = (name: string) => `arn:aws:iam::${account}:mfa/${name}`;
export const userOf = (name: string) => `arn:aws:iam::${account}:user/${name}`;
export const secretOf = (name: string) => `own/secret/access/key/of/${name}`.padEnd(40, '0');
export const keyOf = (name: string) => `AKIA${name.toUpperCase().padEnd(16, '0')}`;

type World = Pick<RunWorld, 'database' | 'clock' | 'sealer'>;

/** She registers keys and device of the AWS user `name` (by default hers), which AWS finds right. */
export function registerOwn(
  world: World,
  by: Actor,
  more: { name?: string; key?: string; serial?: string; organization?: string } = {},
) {
  const { name = by.username, organization = 'acme' } = more;
  return registerAwsIdentity({ ...world, check: async () => ({ arn: userOf(name) }) }, by, {
    organization,
    accessKeyId: keyOf(more.key ?? name),
    secretAccessKey: new Secret(secretOf(more.key ?? name)),
    mfaSerial: more.serial ?? deviceOf(name),
  });
}
