import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { EmulatorState } from '../emulator-state.ts';
import { accessKeySchema, roleSchema, userSchema } from '../seed.ts';
import { addAccessKey, addRole, addUser, findAccessKey, type Role, type User } from '../state/accounts.ts';
import { ControlError } from './control-error.ts';

// Who is in the account. Secrets go in and never come out: whoever makes a key or a device already knows its secret.

export function registerAccountControls(scope: FastifyInstance, { account }: EmulatorState): void {
  scope.get('/users', async () => ({ users: [...account.users.values()].map(describeUser) }));
  scope.post('/users', async (request, reply) =>
    reply.status(201).send(describeUser(addUser(account, userSchema.parse(request.body)))),
  );
  scope.post('/users/:name/access-keys', async (request, reply) => {
    const { name } = z.object({ name: z.string() }).parse(request.params);
    const user = account.users.get(name);
    if (user === undefined) throw new ControlError(404, `no user ${name}`);
    addAccessKey(account, user, accessKeySchema.parse(request.body));
    return reply.status(201).send(describeUser(user));
  });
  scope.patch('/access-keys/:accessKeyId', async (request) => {
    const { accessKeyId } = z.object({ accessKeyId: z.string() }).parse(request.params);
    const { active } = z.strictObject({ active: z.boolean() }).parse(request.body);
    const found = findAccessKey(account, accessKeyId);
    if (found === undefined) throw new ControlError(404, `no access key ${accessKeyId}`);
    found.key.active = active;
    return describeUser(found.user);
  });
  scope.get('/roles', async () => ({ roles: [...account.roles.values()].map(describeRole) }));
  scope.post('/roles', async (request, reply) =>
    reply.status(201).send(describeRole(addRole(account, roleSchema.parse(request.body)))),
  );
}

function describeUser({ name, arn, userId, accessKeys, mfaDevices }: User) {
  return {
    name,
    arn,
    userId,
    accessKeys: accessKeys.map(({ accessKeyId, active }) => ({ accessKeyId, active })),
    mfaDevices: mfaDevices.map(({ serial }) => serial),
  };
}

function describeRole({ name, arn, roleId, maxSessionDurationSeconds, trustPolicy }: Role) {
  return { name, arn, roleId, maxSessionDurationSeconds, trustPolicy };
}
