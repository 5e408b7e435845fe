import { authorizationPath } from '@gatehouse/shared/terraform-login';

/**
 * Every address of the page. The canonical ones are those that Terraform Enterprise had and that the CLI prints; an
 * alias is replaced by them and keeps query and hash. It stands on the lowest floor, since everything links.
 */
export const pagePaths = {
  waiting: '/',
  run: '/app/:organization/:workspace/runs/:runId',
  environments: '/terraform/:organization/environments',
  environment: '/terraform/:organization/environments/:environment',
  settings: '/terraform/:organization/environments/:environment/settings',
  variables: '/terraform/:organization/environments/:environment/variables',
  states: '/terraform/:organization/environments/:environment/states',
  organizationVariables: '/settings/organization_variables',
  members: '/settings/members',
  audit: '/settings/audit',
  queue: '/queue',
  tokens: '/app/settings/tokens',
  authorization: authorizationPath,
} as const;
export type PageName = keyof typeof pagePaths;

export const signInPattern = '/sign-in';

/** Alias to the page that it stands for. `:workspace` is the API's word for `:environment`. */
export const aliases = [
  { path: '/app/:organization', page: 'environments' },
  { path: '/app/:organization/:environment', page: 'environment' },
  { path: '/app/:organization/:environment/runs', page: 'environment' },
] as const satisfies readonly { path: string; page: PageName }[];

/** The address of a page: `pathTo('environment', { organization: 'acme', environment: 'network-prod' })`. */
export function pathTo(page: PageName, parameters: Record<string, string | undefined> = {}): string {
  return pagePaths[page].replace(/:(\w+)/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`The address of ${page} needs ${name}.`);
    return encodeURIComponent(value);
  });
}
