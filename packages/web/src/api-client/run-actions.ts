import * as z from 'zod/mini';
import { type Api, anything } from './api.ts';
import type { RunSummary } from './run.ts';

export type RunAction = 'apply' | 'discard' | 'cancel' | 'force-cancel' | 'revoke-session';

/**
 * What a person decides about a run. `confirmName`: the environment's name, where something is destroyed or killed;
 * `comment`: why, for the others. Throws `invalid_transition` when the run went on meanwhile, `confirm_name_required` when the name is another.
 */
export async function actOnRun(
  api: Api,
  runId: string,
  action: RunAction,
  { confirmName, comment }: { confirmName?: string | undefined; comment?: string | undefined } = {},
): Promise<void> {
  const body = {
    ...(confirmName === undefined ? {} : { 'confirm-name': confirmName }),
    ...(comment === undefined ? {} : { comment }),
  };
  await api.send('POST', `/runs/${encodeURIComponent(runId)}/actions/${action}`, body, anything);
}

const created = z.object({ data: z.object({ id: z.string() }) });

export type NewRun = {
  workspaceId: string;
  /** Default: the newest that was uploaded. */
  configurationVersionId?: string | undefined;
  message: string;
  options: RunSummary['options'];
  /** Where it is to destroy. */
  confirmName?: string | undefined;
};

/** Queues a run and gives its id. Throws `aws_variable_missing`, `configuration_missing` and more of its kind. */
export async function queueRun(api: Api, run: NewRun): Promise<string> {
  const { options, confirmName, configurationVersionId } = run;
  const answer = await api.send(
    'POST',
    '/runs',
    {
      data: {
        type: 'runs',
        attributes: {
          message: run.message,
          source: 'gatehouse-page',
          'plan-only': options.planOnly,
          'save-plan': options.savePlan,
          'is-destroy': options.isDestroy,
          refresh: options.refresh,
          'refresh-only': options.refreshOnly,
          'target-addrs': options.targets,
          'replace-addrs': options.replaces,
          ...(confirmName === undefined ? {} : { 'confirm-name': confirmName }),
        },
        relationships: {
          workspace: { data: { type: 'workspaces', id: run.workspaceId } },
          ...(configurationVersionId === undefined
            ? {}
            : { 'configuration-version': { data: { type: 'configuration-versions', id: configurationVersionId } } }),
        },
      },
    },
    created,
  );
  return answer.data.id;
}
