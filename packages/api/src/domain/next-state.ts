import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

/** What the rules look at of a state version. */
export type StateIdentity = { serial: number; lineage: string; md5: string; runId: string | null };

export type StateWriter =
  | { kind: 'run'; runId: string }
  /** `force`: the person has seen the difference and means it, as with `terraform state push -force`. */
  | { kind: 'person'; force: boolean };

/**
 * Whether a state may follow the current one. `same`: it is the current one, so nothing is to be stored.
 * Terraform raises the serial with each change; lineage is the state's birth and never changes. A serial that does not
 * rise means that the writer worked on an older state, and storing it would undo what others did: `state_invalid`.
 * One exception: a run's own state may keep its serial, since terraform compares with what it read at its start, and a
 * change that is taken back looks to it like none.
 */
export function judgeNextState(
  current: StateIdentity | undefined,
  next: StateIdentity,
  writer: StateWriter,
): 'store' | 'same' {
  if (current === undefined) return 'store';
  if (current.md5 === next.md5) return 'same';
  if (writer.kind === 'person' && writer.force) return 'store';
  // The CLI keeps `-force` to itself where the backend is a cloud block, so a person is told the other way.
  const wayOut = (way: string) => (writer.kind === 'person' ? ` To store it all the same, give it ${way}.` : '');
  if (current.lineage !== next.lineage) {
    throw refuse(
      `Its lineage is "${next.lineage}", that of the workspace's current state "${current.lineage}": it is the state of something else.${wayOut('that lineage')}`,
    );
  }
  if (next.serial > current.serial) return 'store';
  const isOwn = writer.kind === 'run' && current.runId === writer.runId;
  if (next.serial === current.serial && isOwn) return 'store';
  throw refuse(
    `Its serial is ${next.serial}, and the workspace's current state has ${current.serial} already: it was made from an older state.${wayOut(`a serial above ${current.serial}`)}`,
  );
}

function refuse(why: string): GatehouseError {
  return new GatehouseError('state_invalid', `The state was refused. ${why}`);
}
