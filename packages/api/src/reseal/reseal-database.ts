import type { Sealer } from '@gatehouse/shared/seal';
import type { Database } from '../store/database.ts';
import { replaceSealed, sealedBehind, sealedColumns } from '../store/sealed-columns.ts';

/** Small enough that the api, which writes beside, waits for a few milliseconds. */
const valuesAtOnce = 200;

/** Seals every value of the database with the current key that has another; gives their number. */
export async function resealDatabase(database: Database, sealer: Pick<Sealer, 'reseal'>): Promise<number> {
  let count = 0;
  for (const column of sealedColumns(database)) {
    for (let last = -1; ; ) {
      const values = sealedBehind(database, column, last, valuesAtOnce);
      const resealed = await Promise.all(
        values.map(async (value) => ({ ...value, resealed: await sealer.reseal(value.sealed) })),
      );
      const changed = resealed.flatMap((value) =>
        value.resealed === undefined ? [] : [{ ...value, resealed: value.resealed }],
      );
      if (changed.length > 0) count += replaceSealed(database, column, changed);
      const next = values.at(-1)?.rowid;
      if (next === undefined) break;
      last = next;
    }
  }
  return count;
}
