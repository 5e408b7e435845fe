import { compareStrength, nameOf, type VariableOrigin } from '@gatehouse/shared/variable-precedence';
import type { VariableSet } from '../../api-client/variable-sets.ts';
import type { Variable } from '../../api-client/variables.ts';

/** Where a variable is set, and whether its value holds in the environment. */
export type PlacedVariable = {
  variable: Variable;
  origin: VariableOrigin;
  standing: 'holds' | 'overrides' | 'overridden';
  /** Of one that overrides, the strongest that it overrides; of one that is overridden, the one that holds. */
  against: VariableOrigin | undefined;
};

/** All that are set for an environment: here, in the sets that reach it, and for its organization. */
export type SetVariables = {
  own: readonly Variable[];
  organizations: readonly Variable[];
  sets: readonly VariableSet[];
};

type Candidate = Pick<PlacedVariable, 'variable' | 'origin'>;

/** By name, and of one name the one that holds first: by the rule by which runs are queued. */
export function placedVariables(variables: SetVariables): PlacedVariable[] {
  return [...byName(variables).values()]
    .flatMap((candidates) => {
      const [holding, second] = candidates;
      return candidates.map((candidate): PlacedVariable => {
        if (candidate !== holding) return { ...candidate, standing: 'overridden', against: holding?.origin };
        if (second === undefined) return { ...candidate, standing: 'holds', against: undefined };
        return { ...candidate, standing: 'overrides', against: second.origin };
      });
    })
    .sort(
      (one, other) =>
        one.variable.key.localeCompare(other.variable.key) ||
        Number(one.standing === 'overridden') - Number(other.standing === 'overridden'),
    );
}

/** The environment variable of this name that holds. */
export function holdingVariable(variables: SetVariables, key: string): Candidate | undefined {
  return byName(variables).get(nameOf({ category: 'env', key }))?.[0];
}

/** `the set “aws”`, to go on with: from …, over …, by … */
export function wordsOfOrigin(origin: VariableOrigin): string {
  switch (origin.kind) {
    case 'run':
      return 'the run';
    case 'workspace':
      return 'the environment';
    case 'organization':
      return 'the organization';
    case 'set':
      return `the ${origin.isPriority ? 'priority ' : ''}set “${origin.name}”`;
    default:
      return origin satisfies never;
  }
}

/** The strongest first of each name. */
function byName({ own, organizations, sets }: SetVariables): Map<string, Candidate[]> {
  const candidates: Candidate[] = [
    ...own.map((variable) => ({ variable, origin: { kind: 'workspace' } as const })),
    ...sets.flatMap(({ origin, variables }) => variables.map((variable) => ({ variable, origin }))),
    ...organizations.map((variable) => ({ variable, origin: { kind: 'organization' } as const })),
  ];
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates.sort((one, other) => compareStrength(one.origin, other.origin))) {
    const name = nameOf(candidate.variable);
    groups.set(name, [...(groups.get(name) ?? []), candidate]);
  }
  return groups;
}
