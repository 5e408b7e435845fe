import { isExactVersion, parseConstraint, type VersionConstraint } from './version-constraint.ts';

/** The programs that runs can be made with. */
export const engines = {
  terraform: { program: 'terraform', title: 'terraform' },
  tofu: { program: 'tofu', title: 'OpenTofu' },
} as const;
export type Engine = keyof typeof engines;

/** What `terraform-version` of a workspace asks for. */
export type WantedVersion = { engine: Engine } & (
  | { latest: true }
  | { exact: string }
  | { constraint: VersionConstraint }
);

export const wantedVersionRule =
  'Give a version such as 1.11.4, a constraint such as "~> 1.9.0" or ">= 1.5, < 1.8", or "latest" for what the worker has; with "tofu-" in front of it for OpenTofu.';

/** Longer than any constraint that says something. */
const longest = 100;
const tofuPrefix = 'tofu-';

/** Undefined when it is none of the things that may be asked for. */
export function parseWantedVersion(text: string): WantedVersion | undefined {
  if (text.length > longest) return undefined;
  const engine = text.startsWith(tofuPrefix) ? 'tofu' : 'terraform';
  const wanted = engine === 'tofu' ? text.slice(tofuPrefix.length) : text;
  if (wanted === 'latest') return { engine, latest: true };
  if (isExactVersion(wanted)) return { engine, exact: wanted };
  const constraint = parseConstraint(wanted);
  return constraint && { engine, constraint };
}

export function isWantedVersion(text: string): boolean {
  return parseWantedVersion(text) !== undefined;
}

/** One release as a workspace would ask for it: `1.11.4`, `tofu-1.9.0`. */
export function versionName({ engine, version }: { engine: Engine; version: string }): string {
  return engine === 'tofu' ? `${tofuPrefix}${version}` : version;
}

/** The same for people, and for what is no single release: `terraform 1.11.4`, `OpenTofu ~> 1.9.0`. */
export function versionWords(text: string): string {
  return text.startsWith(tofuPrefix)
    ? `${engines.tofu.title} ${text.slice(tofuPrefix.length)}`
    : `${engines.terraform.title} ${text}`;
}
