import { z } from 'zod';
import type { Comment } from '../store/comments.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

export const commentSchema = resourceSchema(
  'comments',
  { body: z.string(), 'created-by': z.string(), 'created-at': timestamp },
  { relationships: z.object({ 'run-event': toOne('run-events'), 'created-by': toOne('users') }) },
);

export function commentResource(comment: Comment): z.input<typeof commentSchema> {
  return {
    id: comment.id,
    type: 'comments',
    attributes: {
      body: comment.body,
      'created-by': comment.createdByName,
      'created-at': timestampOf(comment.createdAt),
    },
    relationships: {
      'run-event': reference('run-events', commentEventId(comment)),
      'created-by': reference('users', comment.createdBy),
    },
  };
}

/** The event of a run that the comment belongs to: a decision, or the comment itself. */
export function commentEventId({ runId, historySequence, id }: Comment): string {
  return `re-${runId}-${historySequence ?? id}`;
}
