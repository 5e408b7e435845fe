import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EmulatorState } from '../emulator-state.ts';
import { accessKeySchema, roleSchema, userSchema } from '../seed.ts';
import {
  addAccessKey,
  addRole,
  addUser,
  findAccessKey,
  type Role,
  removeAccessKey,
  roleByName,
  type User,
} from '../state/accounts.ts';
import { ControlError } from './control-error.ts';

// Who is in the account. Secrets go in and never come out: whoever makes a key or a device already knows its secret.

// What is removed is gone for new calls; sessions that were issued before live on, as at AWS.

const rolePatchSchema = roleSchema.pick({ trustPolicy: true, maxSessionDurationSeconds: true }).partial();

export function registerAccountControls(scope: FastifyInstance, state: EmulatorState): void {
  registerUserControls(scope, state);
  registerRoleControls(scope, state);
}

function registerUserControls(scope: FastifyInstance, { account }: EmulatorState): void {
  const find = (request: FastifyRequest) => {
    const { name } = z.object({ name: z.string() }).parse(request.params);
    const user = account.users.get(name);
    if (user === undefined) throw new ControlError(404, `no user ${name}`);
    return user;
  };
  const findKey = (request: FastifyRequest) => {
    const { accessKeyId } = z.object({ accessKeyId: z.string() }).parse(request.params);
    const found = findAccessKey(account, accessKeyId);
    if (found === undefined) throw new ControlError(404, `no access key ${accessKeyId}`);
    return found;
  };
  scope.get('/users', async () => ({ users: [...account.users.values()].map(describeUser) }));
  scope.post('/users', async (request, reply) =>
    reply.status(201).send(describeUser(addUser(account, userSchema.parse(request.body)))),
  );
  scope.post('/users/:name/access-keys', async (request, reply) => {
    const user = find(request);
    addAccessKey(account, user, accessKeySchema.parse(request.body));
    return reply.status(201).send(describeUser(user));
  });
  scope.patch('/access-keys/:accessKeyId', async (request) => {
    const { active } = z.strictObject({ active: z.boolean() }).parse(request.body);
    const found = findKey(request);
    found.key.active = active;
    return describeUser(found.user);
  });
  scope.delete('/access-keys/:accessKeyId', async (request, reply) => {
    const { user, key } = findKey(request);
    removeAccessKey(user, key.accessKeyId);
    return reply.status(204).send();
  });
  scope.delete('/users/:name', async (request, reply) => {
    account.users.delete(find(request).name);
    return reply.status(204).send();
  });
}

function registerRoleControls(scope: FastifyInstance, { account }: EmulatorState): void {
  const find = (request: FastifyRequest) => {
    const { name } = z.object({ name: z.string() }).parse(request.params);
    const role = roleByName(account, name);
    if (role === undefined) throw new ControlError(404, `no role ${name}`);
    return role;
  };
  scope.get('/roles', async () => ({ roles: [...account.roles.values()].map(describeRole) }));
  scope.post('/roles', async (request, reply) =>
    reply.status(201).send(describeRole(addRole(account, roleSchema.parse(request.body)))),
  );
  scope.patch('/roles/:name', async (request) => {
    const { trustPolicy, maxSessionDurationSeconds } = rolePatchSchema.parse(request.body);
    const role = find(request);
    if (trustPolicy !== undefined) role.trustPolicy = trustPolicy;
    if (maxSessionDurationSeconds !== undefined) role.maxSessionDurationSeconds = maxSessionDurationSeconds;
    return describeRole(role);
  });
  scope.delete('/roles/:name', async (request, reply) => {
    account.roles.delete(find(request).arn);
    return reply.status(204).send();
  });
}

function describeUser({ name, arn, userId, accessKeys, mfaDevices, policies }: User) {
  return {
    name,
    arn,
    userId,
    accessKeys: accessKeys.map(({ accessKeyId, active }) => ({ accessKeyId, active })),
    mfaDevices: mfaDevices.map(({ serial }) => serial),
    policies: Object.fromEntries(policies),
  };
}

function describeRole({ name, arn, roleId, maxSessionDurationSeconds, trustPolicy, policies }: Role) {
  return { name, arn, roleId, maxSessionDurationSeconds, trustPolicy, policies: Object.fromEntries(policies) };
}
