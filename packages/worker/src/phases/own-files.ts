/**
 * Files that Gatehouse puts into a run's tree. Terraform reads override files and `*.auto.tfvars` in the order of their
 * names and the last one wins: `~` sorts behind all of ASCII. Whether ours won is checked after `init` all the same.
 */
export const ownFiles = {
  backend: '~~~~gatehouse_override.tf.json',
  variables: '~~~~gatehouse.auto.tfvars.json',
  expressions: '~~~~gatehouse.auto.tfvars',
} as const;

/** In the tree's root, whatever the working directory: where the plan is written. */
export const ownFolder = '.gatehouse';
export const planFile = `${ownFolder}/tfplan`;
