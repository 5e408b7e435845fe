import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { isSaved } from '@gatehouse/shared/run-status';
import { confirmConfigurationVersion } from '../store/configuration-versions.ts';
import type { Run } from '../store/runs.ts';
import { currentStateVersion } from '../store/state-versions.ts';
import { holderOf } from '../store/workspace-locks.ts';
import { workspaceName } from '../store/workspace-queue.ts';
import { isOutdated } from './discard-outdated-plan.ts';
import type { Change } from './run-core.ts';

/**
 * Part of every decision to apply, before its event. A saved plan has not held its workspace so far: throws
 * `workspace_locked`, naming what holds it, and `conflict` when the state is not the planned one any more. Nothing is
 * lost by a refusal: the plan stays saved.
 */
export function takeWorkspace({ transaction }: Change, run: Run): void {
  if (isSaved(run.status)) {
    if (isOutdated(run, currentStateVersion(transaction, run.workspaceId))) {
      throw new GatehouseError(
        'conflict',
        `The state of ${workspaceName(transaction, run.workspaceId)} has changed since run ${run.id} planned, so its ` +
          'plan can no longer be applied. Plan again.',
      );
    }
    const holder = holderOf(transaction, run.workspaceId);
    if (holder !== undefined) {
      throw new GatehouseError(
        'workspace_locked',
        `The workspace ${workspaceName(transaction, run.workspaceId)} is locked by ${holder}. The plan of run ${run.id} ` +
          'stays saved: apply it when the workspace is free.',
      );
    }
  }
  confirmConfigurationVersion(transaction, run.configurationVersionId);
}
