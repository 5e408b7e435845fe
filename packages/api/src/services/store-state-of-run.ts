import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { forgetErroredState, keepErroredState } from './errored-state.ts';
import { type StoreStateDependencies, storeStateVersion } from './store-state-version.ts';

/** What a worker hands in. One that is refused is kept beside the states, for a person to look at, before it is refused. */
export async function storeStateOfRun(
  dependencies: StoreStateDependencies,
  run: { id: string; workspaceId: string },
  bytes: Buffer,
): Promise<void> {
  const { id: runId, workspaceId } = run;
  try {
    await storeStateVersion(dependencies, { workspaceId, bytes, writer: { kind: 'run', runId }, createdBy: null });
  } catch (error) {
    if (isGatehouseError(error, 'state_invalid') || isGatehouseError(error, 'conflict')) {
      await keepErroredState(dependencies, runId, bytes);
    }
    throw error;
  }
  await forgetErroredState(dependencies, runId);
}
