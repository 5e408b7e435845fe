import { isTerminal, phaseAwaitingMfa } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { runUrl } from '../domain/challenge.ts';
import { needsMfaAnywhere } from '../domain/run.ts';
import type { RunSettings } from '../domain/run-settings.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import type { Database } from '../store/database.ts';
import { detailsOf, type RunDetails } from '../store/run-details.ts';
import { findActiveRun } from '../store/workspace-queue.ts';
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
      return { data: [...notices(database, details, settings), ...historyOf(details)] };
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
 * (backend_run_warning.go): the one place where it can be told of a code while its run is still behind others, whose own
 * log says nothing yet.
 */
function notices(database: Database, details: RunDetails, settings: RunSettings): EventResource[] {
  if (isTerminal(details.run.status)) return [];
  return [mfaNotice(details, settings), holderNotice(database, details, settings)].filter((one) => one !== undefined);
}

function mfaNotice(details: RunDetails, settings: RunSettings): EventResource | undefined {
  if (!needsMfaAnywhere(details.run)) return undefined;
  const when = phaseAwaitingMfa(details.run.status) === undefined ? 'This run needs' : 'This run waits for';
  return notice(details, 'mfa', `${when} an AWS MFA code. Enter it at ${urlOf(details, details.run.id, settings)}`);
}

/** Whoever waits behind a run that waits for a code may be the one who has the device. */
function holderNotice(database: Database, details: RunDetails, settings: RunSettings): EventResource | undefined {
  if (details.queuePlace === undefined) return undefined;
  const holder = findActiveRun(database, details.run.workspaceId);
  if (holder === undefined || phaseAwaitingMfa(holder.status) === undefined) return undefined;
  const url = urlOf(details, holder.id, settings);
  return notice(details, 'behind', `This run is behind ${holder.id}, which waits for an AWS MFA code: ${url}`);
}

function urlOf({ run, workspaceName }: RunDetails, id: string, settings: RunSettings): string {
  return runUrl(settings.publicUrl, { organization: run.organization, workspace: workspaceName, id });
}

function notice({ run }: RunDetails, kind: string, description: string): EventResource {
  return {
    id: `re-${run.id}-${kind}`,
    type: 'run-events',
    attributes: {
      action: 'changed_task_enforcements',
      description,
      'created-at': timestampOf(run.createdAt),
      event: null,
      at: timestampOf(run.createdAt),
      by: 'gatehouse',
      from: null,
      to: null,
      reason: null,
    },
  };
}
