import { validationError } from './sts-error.ts';

/** Constraints of a parameter as the STS API model states them; lengths in characters. */
export type Constraint = {
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
};

/**
 * Checks parameters against their constraints and throws one ValidationError that counts all faults, as AWS does:
 * `2 validation errors detected: Value '…' at 'tokenCode' failed to satisfy constraint: …; Value …`.
 */
export function checkParameters(parameters: URLSearchParams, constraints: Record<string, Constraint>): void {
  throwFaults(
    Object.entries(constraints).flatMap(([name, constraint]) =>
      describeFaults(lowerFirst(name), parameters.get(name), constraint),
    ),
  );
}

/** The same for the members of a list of structures: `Value '…' at 'tags.1.member.key' failed to satisfy …`. */
export function checkMembers(
  list: string,
  members: Record<string, string>[],
  maximum: number,
  constraints: Record<string, Constraint>,
): void {
  if (members.length > maximum) {
    throwFaults([
      failed(list, `'[${members.length} members]'`, `Member must have length less than or equal to ${maximum}`),
    ]);
  }
  throwFaults(
    members.flatMap((member, index) =>
      Object.entries(constraints).flatMap(([name, constraint]) =>
        describeFaults(`${list}.${index + 1}.member.${lowerFirst(name)}`, member[name] ?? null, constraint),
      ),
    ),
  );
}

function describeFaults(path: string, value: string | null, constraint: Constraint): string[] {
  return faultsOf(value, constraint).map((rule) => failed(path, value === null ? 'null' : `'${value}'`, rule));
}

const failed = (path: string, shown: string, rule: string): string =>
  `Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`;

function throwFaults(faults: string[]): void {
  if (faults.length === 0) return;
  const count = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected`;
  throw validationError(`${count}: ${faults.join('; ')}`);
}

function faultsOf(value: string | null, constraint: Constraint): string[] {
  if (value === null) return constraint.required === true ? ['Member must not be null'] : [];
  const { minLength = 0, maxLength = Infinity, pattern, minimum, maximum } = constraint;
  const faults: string[] = [];
  if (pattern !== undefined && !new RegExp(`^${pattern}$`, 'u').test(value)) {
    faults.push(`Member must satisfy regular expression pattern: ${pattern}`);
  }
  if (value.length < minLength) faults.push(`Member must have length greater than or equal to ${minLength}`);
  if (value.length > maxLength) faults.push(`Member must have length less than or equal to ${maxLength}`);
  if (minimum === undefined && maximum === undefined) return faults;
  if (!/^-?\d+$/.test(value)) faults.push('Member must be an integer');
  if (Number(value) < (minimum ?? -Infinity)) {
    faults.push(`Member must have value greater than or equal to ${minimum}`);
  }
  if (Number(value) > (maximum ?? Infinity)) faults.push(`Member must have value less than or equal to ${maximum}`);
  return faults;
}

/** The parameter, or undefined when it is absent. */
export function parameter(parameters: URLSearchParams, name: string): string | undefined {
  return parameters.get(name) ?? undefined;
}

/** The members of a list of structures: `Tags.member.1.Key=a&Tags.member.1.Value=b` → `[{ Key: 'a', Value: 'b' }]`. */
export function memberList(parameters: URLSearchParams, name: string): Record<string, string>[] {
  const members = new Map<number, Record<string, string>>();
  for (const [key, value] of parameters) {
    const match = /^(\w+)\.member\.(\d{1,3})\.(\w+)$/.exec(key);
    const [, list, index, field] = match ?? [];
    if (list !== name || index === undefined || field === undefined) continue;
    members.set(Number(index), { ...members.get(Number(index)), [field]: value });
  }
  return [...members].sort(([one], [other]) => one - other).map(([, member]) => member);
}

/** The members of a list of texts: `TransitiveTagKeys.member.1=a` → `['a']`. */
export function memberValues(parameters: URLSearchParams, name: string): string[] {
  const members = [...parameters].flatMap(([key, value]) => {
    const [, list, index] = /^(\w+)\.member\.(\d{1,3})$/.exec(key) ?? [];
    return list === name ? [[Number(index), value] as const] : [];
  });
  return members.sort(([one], [other]) => one - other).map(([, value]) => value);
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
