import path from 'node:path';

/**
 * Settings of the local backend. Relative paths: they are written into the plan file, and must hold in the sandbox of
 * the apply as well, on another worker, and without a sandbox. `path` is used by the workspace "default" only, which
 * has no folder below `workspace_dir`.
 */
export function backendFor(directory: string): { workspace_dir: string; path: string } {
  const state = path.posix.relative(path.posix.join('/workspace', directory), '/state');
  return { workspace_dir: state, path: `${state}/default/terraform.tfstate` };
}
