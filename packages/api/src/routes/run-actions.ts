import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { cancelRun } from '../services/cancel-run.ts';
import { confirmRun } from '../services/confirm-run.ts';
import { discardRun } from '../services/discard-run.ts';
import { forceCancelRun } from '../services/force-cancel-run.ts';
import { forceExecuteRun } from '../services/force-execute-run.ts';
import { revokeSession } from '../services/revoke-session.ts';
import type { RunCore } from '../services/run-core.ts';
import type { Run } from '../store/runs.ts';
import { idParameter } from './fields.ts';
import { actionBody, commentOf } from './run-bodies.ts';

type ActionInput = { runId: string; comment: string; confirmName: string | undefined; by: Actor };
type Action = (core: RunCore, input: ActionInput) => Promise<Run>;

const actions = [
  {
    name: 'apply',
    act: confirmRun,
    summary: 'Confirm a finished plan',
    description: 'Where the apply needs MFA the run then waits for a code, until a deadline.',
  },
  { name: 'discard', act: discardRun, summary: 'Discard a run', description: 'Nothing of it may be running.' },
  {
    name: 'cancel',
    act: cancelRun,
    summary: 'Cancel a run',
    description: 'At once when nothing of it runs; else terraform is interrupted and the run ends when it has stopped.',
  },
  {
    name: 'force-cancel',
    act: forceCancelRun,
    summary: 'Kill a run that does not stop',
    description: 'Owners only, some seconds after it was canceled (`force-cancel-available-at`).',
  },
  {
    name: 'force-execute',
    act: forceExecuteRun,
    summary: 'Start a run that waits behind others',
    description: 'Owners only. Those before it are discarded or canceled; none of them may be running terraform.',
  },
  {
    name: 'revoke-session',
    act: revokeSession,
    summary: 'End the AWS session of a run',
    description:
      'Owners only. Terraform gets the session no more and is interrupted; a phase that was to start with it ends the run. ' +
      '`session.revocation` of the run then shows the IAM policy that makes AWS refuse it too.',
  },
] as const satisfies readonly { name: string; act: Action; summary: string; description: string }[];

/** What people decide about a run: 202, or 409 when it is not in a state for it. */
export const runActionRoutes: FastifyPluginAsyncZod<RunCore> = async (app, dependencies) => {
  for (const { name, act, summary, description } of actions) {
    app.post(
      `/runs/:id/actions/${name}`,
      {
        schema: {
          tags: ['Runs'],
          summary,
          description,
          params: idParameter,
          body: actionBody,
          response: { 202: z.null() },
        },
      },
      async ({ actor, params, body }, reply) => {
        const confirmName = body?.['confirm-name'] ?? undefined;
        await act(dependencies, { runId: params.id, comment: commentOf(body), confirmName, by: actor });
        return reply.status(202).send(null);
      },
    );
  }
};
