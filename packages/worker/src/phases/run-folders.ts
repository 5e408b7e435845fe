import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import { removeTree } from '../sandbox/remove-tree.ts';
import { markOwner } from './folder-owner.ts';

/** A larger state is not read (bytes). */
export const longestState = 256 * 1024 * 1024;

/** The folders of one phase on the host. `workspace` and `state` stand side by side, on the host as in the sandbox. */
export type RunFolders = {
  root: string;
  workspace: string;
  state: string;
  /** The folder of the state file: terraform knows the workspace by it. */
  stateOfWorkspace: string;
  stateFile: string;
  /** Folder of the saved plan, which an apply reads and cannot write. */
  plan: string;
  remove(): Promise<void>;
};

/** Made new and empty, for nobody but this process until the sandbox hands two of them over. */
export async function makeRunFolders(workDir: string, claim: PhaseClaim): Promise<RunFolders> {
  const root = path.join(workDir, claim.claimId);
  const workspace = path.join(root, 'workspace');
  const state = path.join(root, 'state');
  const stateOfWorkspace = path.join(state, path.basename(claim.workspace.name));
  await removeTree(root);
  const plan = path.join(root, 'plan');
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  // The run's user walks through, to the folders that it is given; nobody reads the name of one.
  await chmod(root, 0o711);
  await mkdir(plan, { mode: 0o700 });
  await mkdir(stateOfWorkspace, { recursive: true, mode: 0o700 });
  const stateFile = path.join(stateOfWorkspace, 'terraform.tfstate');
  await markOwner(root, { runId: claim.runId, stateFile });
  return {
    root,
    workspace,
    state,
    stateOfWorkspace,
    stateFile,
    plan,
    remove: () => removeTree(root),
  };
}
