import type { FastifyInstance } from 'fastify';

/**
 * How often a local apply may store its state while it runs, in seconds. Terraform's own interval, which it takes as the
 * least; a state is small beside what an apply that dies between two of them would lose.
 */
const snapshotSeconds = 20;

/**
 * Every answer of the scope says so: the terraform CLI keeps to the last answer that it saw about a state, a 404 as well,
 * and one without the header turns snapshots off (internal/cloud/state.go). It reads it beside JSON:API's type only.
 */
export function offerSnapshots(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (_request, reply) => {
    reply.header('x-terraform-snapshot-interval', String(snapshotSeconds));
  });
}
