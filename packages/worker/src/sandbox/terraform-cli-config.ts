/**
 * Terraform's CLI configuration. The `provider_installation` block is written even when it says nothing new: without
 * one, terraform installs and runs whatever binary a configuration brings along in `terraform.d/plugins`.
 */
export function terraformCliConfig(options: {
  /** Folder of the provider mirror as the run sees it; may be empty. */
  mirror: string;
  /** Whether providers that the mirror lacks may come from their registry, through the proxy. Undefined: no. */
  allowDirect: boolean | undefined;
  /** Source addresses of what the mirror has: the registry is not asked for them, so that they install without a network. */
  mirrored: readonly string[];
}): string {
  const direct = options.mirrored.length === 0 ? '{}' : `{ exclude = ${JSON.stringify(options.mirrored)} }`;
  return [
    'disable_checkpoint = true',
    'provider_installation {',
    `  filesystem_mirror { path = ${JSON.stringify(options.mirror)} }`,
    ...(options.allowDirect ? [`  direct ${direct}`] : []),
    '}',
    '',
  ].join('\n');
}
