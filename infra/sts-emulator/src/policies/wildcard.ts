/** IAM's wildcards: `*` for any run of characters, `?` for one. Actions and condition keys ignore case, ARNs do not. */
export function matchesWildcard(pattern: string, text: string, { ignoreCase = false } = {}): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, ignoreCase ? 'isu' : 'su').test(text);
}

/** A policy's `Action`: one pattern or several, such as `sts:Set*`. */
export function matchesAction(patterns: string | readonly string[], action: string): boolean {
  return listOf(patterns).some((pattern) => matchesWildcard(pattern, action, { ignoreCase: true }));
}

export function listOf<Value>(value: Value | readonly Value[]): readonly Value[] {
  return isList(value) ? value : [value];
}

const isList = <Value>(value: Value | readonly Value[]): value is readonly Value[] => Array.isArray(value);
