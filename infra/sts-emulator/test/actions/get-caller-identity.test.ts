import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { refusal, startEmulator } from '../start-emulator.ts';

test('users, their sessions and role sessions are told who they are', async () => {
  const { client, sessionKeys, roleKeys, userKeys } = await startEmulator();
  const whoIs = async (keys: typeof userKeys) => {
    const { Arn, UserId, Account } = await client(keys).send(new GetCallerIdentityCommand({}));
    return { Arn, UserId, Account };
  };
  const user = await whoIs(userKeys);
  expect(user).toEqual({
    Arn: 'arn:aws:iam::123456789012:user/gatehouse',
    UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    Account: '123456789012',
  });
  expect(await whoIs(await sessionKeys())).toEqual(user);
  expect(await whoIs(await roleKeys())).toEqual({
    Arn: 'arn:aws:sts::123456789012:assumed-role/gatehouse-read/chained',
    UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:chained$/),
    Account: '123456789012',
  });
});

test('unknown keys, wrong tokens and keys that were switched off are invalid', async () => {
  const { client, userKeys, sessionKeys, state } = await startEmulator();
  const session = await sessionKeys();
  const reasons: unknown[] = [];
  const whoIs = async (keys: typeof userKeys) => {
    expect(await refusal(client(keys).send(new GetCallerIdentityCommand({})))).toEqual({
      code: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid.',
      status: 403,
    });
    reasons.push(state.journal.entries.at(-1)?.reason);
  };
  await whoIs({ ...userKeys, accessKeyId: 'AKIAUNKNOWNUNKNOWN22' });
  await whoIs({ ...session, sessionToken: session.sessionToken.toLowerCase() });
  await whoIs({ accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey });
  await whoIs({ ...userKeys, sessionToken: session.sessionToken });
  const key = state.account.users.get('gatehouse')?.accessKeys[0];
  if (key !== undefined) key.active = false;
  await whoIs(userKeys);
  expect(reasons).toEqual(['key_unknown', 'token_wrong', 'token_wrong', 'token_wrong', 'key_inactive']);
});
