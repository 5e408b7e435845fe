import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { requireOwnTeam } from '../services/find-team.ts';
import type { Database } from '../store/database.ts';
import { addToTeam, removeFromTeam } from '../store/team-members.ts';
import { idParameter } from './fields.ts';

const identifiers = z.object({ data: z.array(z.object({ id: z.string().min(1).max(100) })).max(1000) });

const changes = [
  { method: 'POST', change: addToTeam, summary: 'Add to a team' },
  { method: 'DELETE', change: removeFromTeam, summary: 'Take out of a team' },
] as const;

/** Who is in a team, by user name (as clients of the TFE API send it in `id`) or by membership. Of `owners`: who owns. */
export const teamMemberRoutes: FastifyPluginAsyncZod<{ database: Database; clock: Clock }> = async (
  app,
  { database, clock },
) => {
  for (const kind of ['users', 'organization-memberships'] as const) {
    for (const { method, change, summary } of changes) {
      app.route({
        method,
        url: `/teams/:id/relationships/${kind}`,
        schema: { tags: ['Teams'], summary, params: idParameter, body: identifiers, response: { 204: z.null() } },
        handler: async ({ actor, params, body }, reply) => {
          const team = await requireOwnTeam(database, actor, params.id);
          await change(database, actor, team, { kind, ids: body.data.map(({ id }) => id) }, clock.now());
          return reply.status(204).send(null);
        },
      });
    }
  }
};
