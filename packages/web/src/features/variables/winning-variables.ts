import type { Variable } from '../../api-client/variables.ts';

/** Where a variable is set, and whether its value holds in the environment. */
export type PlacedVariable = {
  variable: Variable;
  from: 'environment' | 'organization';
  standing: 'holds' | 'overrides' | 'overridden';
};

/** All that are set for an environment, here or for its organization; by name, with the one that holds first. */
export function placedVariables(own: readonly Variable[], organizations: readonly Variable[]): PlacedVariable[] {
  const nameOf = ({ category, key }: Variable) => `${category} ${key}`;
  const ownNames = new Set(own.map(nameOf));
  const sharedNames = new Set(organizations.map(nameOf));
  const placed: PlacedVariable[] = [
    ...own.map((variable) => ({
      variable,
      from: 'environment' as const,
      standing: sharedNames.has(nameOf(variable)) ? ('overrides' as const) : ('holds' as const),
    })),
    ...organizations.map((variable) => ({
      variable,
      from: 'organization' as const,
      standing: ownNames.has(nameOf(variable)) ? ('overridden' as const) : ('holds' as const),
    })),
  ];
  return placed.sort(
    (one, other) =>
      one.variable.key.localeCompare(other.variable.key) ||
      Number(one.standing === 'overridden') - Number(other.standing === 'overridden'),
  );
}
