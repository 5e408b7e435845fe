import { isTerminal, phaseAwaitingMfa } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import { runUrl } from '../domain/challenge.ts';
import { needsMfaAnywhere } from '../domain/run.ts';
import type { Comment } from '../store/comments.ts';
import type { HistoryRow } from '../store/history.ts';
import type { RunDetails } from '../store/run-details.ts';
import type { Run } from '../store/runs.ts';
import { commentEventId } from './comment-resource.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

export const runEventSchema = resourceSchema(
  'run-events',
  {
    action: z.string(),
    description: z.string(),
    'created-at': timestamp,
    /** An event of the run's table, or `created`; null: a comment, or a notice for the terraform CLI. */
    event: z.string().nullable(),
    at: timestamp,
    by: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    /** An end reason, or a person's comment. */
    reason: z.string().nullable(),
  },
  {
    relationships: z.object({
      /** The person; none where Gatehouse or a worker did it. */
      actor: toOne('users'),
      comment: toOne('comments'),
    }),
  },
);

export type RunEventResource = z.input<typeof runEventSchema>;

/** People by name: `by` of an event that is none of them is Gatehouse itself, or a worker. */
export type People = ReadonlyMap<string, string>;

type Surroundings = {
  comments: readonly Comment[];
  people: People;
  /** Of a run that waits for its turn: the one that holds the workspace. */
  holder: Run | undefined;
  publicUrl: string;
};

/** Oldest first, but for the notices to the terraform CLI, which come before all. */
export function runEvents(details: RunDetails, around: Surroundings): RunEventResource[] {
  const { comments, people } = around;
  const alone = comments.filter(({ historySequence }) => historySequence === null);
  const events = [
    ...details.history.map((row) => historyEvent(details.run.id, row, comments, people)),
    ...alone.map(commentEvent),
  ];
  // ISO 8601 in UTC sorts as text; the sort is stable, so what happened at one instant keeps its order.
  const inTime = events.toSorted(({ attributes: a }, { attributes: b }) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return [...notices(details, around), ...inTime];
}

function historyEvent(runId: string, row: HistoryRow, comments: readonly Comment[], people: People): RunEventResource {
  const { sequence, event, at, by, reason, fromStatus, toStatus } = row;
  const comment = comments.find(({ historySequence }) => historySequence === sequence);
  return {
    id: `re-${runId}-${sequence}`,
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
    relationships: {
      actor: reference('users', people.get(by) ?? null),
      comment: reference('comments', comment?.id ?? null),
    },
  };
}

function commentEvent(comment: Comment): RunEventResource {
  const at = timestampOf(comment.createdAt);
  const by = comment.createdByName;
  return {
    id: commentEventId(comment),
    type: 'run-events',
    attributes: {
      action: 'commented',
      description: `commented by ${by}: ${comment.body}`,
      'created-at': at,
      event: null,
      at,
      by,
      from: null,
      to: null,
      reason: null,
    },
    relationships: {
      actor: reference('users', comment.createdBy),
      comment: reference('comments', comment.id),
    },
  };
}

/**
 * The terraform CLI reads the events right after it queued the run, and prints those of this action as a warning
 * (backend_run_warning.go): the one place where it can be told of a code while its run is still behind others, whose own
 * log says nothing yet.
 */
function notices(details: RunDetails, { holder, publicUrl }: Surroundings): RunEventResource[] {
  if (isTerminal(details.run.status)) return [];
  const urlOf = ({ organization, id }: Run) =>
    runUrl(publicUrl, { organization, workspace: details.workspaceName, id });
  const told: RunEventResource[] = [];
  if (needsMfaAnywhere(details.run)) {
    const when = phaseAwaitingMfa(details.run.status) === undefined ? 'This run needs' : 'This run waits for';
    told.push(notice(details, 'mfa', `${when} an AWS MFA code. Enter it at ${urlOf(details.run)}`));
  }
  // Whoever waits behind a run that waits for a code may be the one who has the device.
  if (holder !== undefined && phaseAwaitingMfa(holder.status) !== undefined) {
    const url = urlOf(holder);
    told.push(notice(details, 'behind', `This run is behind ${holder.id}, which waits for an AWS MFA code: ${url}`));
  }
  return told;
}

function notice({ run }: RunDetails, kind: string, description: string): RunEventResource {
  const at = timestampOf(run.createdAt);
  return {
    id: `re-${run.id}-${kind}`,
    type: 'run-events',
    attributes: {
      action: 'changed_task_enforcements',
      description,
      'created-at': at,
      event: null,
      at,
      by: 'gatehouse',
      from: null,
      to: null,
      reason: null,
    },
    relationships: { actor: { data: null }, comment: { data: null } },
  };
}
