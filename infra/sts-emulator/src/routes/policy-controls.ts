import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EmulatorState } from '../emulator-state.ts';
import { identityPolicySchema } from '../policies/identity-policy.ts';
import { type Policies, roleByName } from '../state/accounts.ts';
import { ControlError } from './control-error.ts';

// The inline policies of users and roles, as PutUserPolicy and PutRolePolicy set them: what they may do, or a denial
// that ends sessions which are too old. They count for the next call, also of sessions that were issued before.

export function registerPolicyControls(scope: FastifyInstance, { account }: EmulatorState): void {
  registerPolicies(scope, 'users', (name) => account.users.get(name)?.policies);
  registerPolicies(scope, 'roles', (name) => roleByName(account, name)?.policies);
}

function registerPolicies(
  scope: FastifyInstance,
  kind: 'users' | 'roles',
  policiesOf: (name: string) => Policies | undefined,
): void {
  const find = (request: FastifyRequest) => {
    const { name, policy } = z.object({ name: z.string(), policy: z.string() }).parse(request.params);
    const policies = policiesOf(name);
    if (policies === undefined) throw new ControlError(404, `there is no ${name} among the ${kind}`);
    return { policies, policy };
  };
  scope.put(`/${kind}/:name/policies/:policy`, async (request) => {
    const { policies, policy } = find(request);
    policies.set(policy, identityPolicySchema.parse(request.body));
    return { policies: Object.fromEntries(policies) };
  });
  scope.delete(`/${kind}/:name/policies/:policy`, async (request, reply) => {
    const { policies, policy } = find(request);
    if (!policies.delete(policy)) throw new ControlError(404, `no policy ${policy}`);
    return reply.status(204).send();
  });
}
