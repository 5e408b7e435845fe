import { isTerminal, phaseAwaitingMfa } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { runUrl } from '../domain/challenge.ts';
import { needsMfaAnywhere } from '../domain/run.ts';
import type { RunSettings } from '../domain/run-settings.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import type { Database } from '../store/database.ts';
import { detailsOf, type RunDetails } from '../store/run-details.ts';
import { idParameter } from './fields.ts';
import { resourceSchema, timestamp, timestampOf } from './json-api.ts';

const eventSchema = resourceSchema('run-events', {
  action: z.string(),
  description: z.string(),
  'created-at': timestamp,
  /** An event of the run's table, or `created`; null: a notice for the terraform CLI, which is no event. */
  event: z.string().nullable(),
  at: timestamp,
  by: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** An end reason, or a person's comment. */
  reason: z.string().nullable(),
});

type EventResource = z.input<typeof eventSchema>;

export const runEventRoutes: FastifyPluginAsyncZod<{ database: Database; settings: RunSettings }> = async (
  app,
  { database, settings },
) => {
  app.get(
    '/runs/:id/run-events',
    {
      schema: {
        tags: ['Runs'],
        summary: 'What happened to a run, oldest first',
        params: idParameter,
        response: { 200: z.object({ data: z.array(eventSchema) }) },
      },
    },
    async ({ actor, params }) => {
      const details = detailsOf(database, requireVisibleRun(database, actor, params.id));
      return { data: [...mfaNotice(details, settings), ...historyOf(details)] };
    },
  );
};

function historyOf({ run, history }: RunDetails): EventResource[] {
  return history.map(({ sequence, event, at, by, reason, fromStatus, toStatus }) => ({
    id: `re-${run.id}-${sequence}`,
    type: 'run-events',
    attributes: {
      action: event,
      description: reason ? `${event} by ${by}: ${reason}` : `${event} by ${by}`,
      'created-at': timestampOf(at),
      event,
      at: timestampOf(at),
      by,
      from: fromStatus,
      to: toStatus,
      reason,
    },
  }));
}

/**
 * The terraform CLI reads the events right after it queued the run, and prints those of this action as a warning
 * (backend_run_warning.go): the one place where it can be told of the code while the run is still behind others.
 */
function mfaNotice({ run, workspaceName }: RunDetails, settings: RunSettings): EventResource[] {
  if (!needsMfaAnywhere(run) || isTerminal(run.status)) return [];
  const url = runUrl(settings.publicUrl, { organization: run.organization, workspace: workspaceName, id: run.id });
  const when = phaseAwaitingMfa(run.status) === undefined ? 'This run needs' : 'This run waits for';
  return [
    {
      id: `re-${run.id}-mfa`,
      type: 'run-events',
      attributes: {
        action: 'changed_task_enforcements',
        description: `${when} an AWS MFA code. Enter it at ${url}`,
        'created-at': timestampOf(run.createdAt),
        event: null,
        at: timestampOf(run.createdAt),
        by: 'gatehouse',
        from: null,
        to: null,
        reason: null,
      },
    },
  ];
}
