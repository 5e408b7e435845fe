import { and, desc, eq, gt, lt, ne } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { guesses, knownAddresses } from './schema/guesses.ts';

export type Guess = { id: string; target: string; source: string; at: Date };

/** When it was guessed `since`, at a target, by a source, or by one at the other; the newest first, `limit` at most. */
export function timesOfGuesses(
  database: Database | Transaction,
  of: { target?: string; source?: string; since: Date; limit: number },
): Date[] {
  return database
    .select({ at: guesses.at })
    .from(guesses)
    .where(
      and(
        of.target === undefined ? undefined : eq(guesses.target, of.target),
        of.source === undefined ? undefined : eq(guesses.source, of.source),
        gt(guesses.at, of.since),
      ),
    )
    .orderBy(desc(guesses.at))
    .limit(of.limit)
    .all()
    .map(({ at }) => at);
}

/** A guess counts from before it is judged, so that many at once are counted, too. Drops what is older than `forgetBefore`. */
export function noteGuess(transaction: Transaction, guess: Guess, forgetBefore: Date): void {
  transaction.delete(guesses).where(lt(guesses.at, forgetBefore)).run();
  transaction.insert(guesses).values(guess).onConflictDoNothing().run();
}

/** It was right, or was never judged. */
export function strikeGuess(database: Database | Transaction, id: string): void {
  database.delete(guesses).where(eq(guesses.id, id)).run();
}

export function isKnownAddress(database: Database, userId: string, address: string, since: Date): boolean {
  const found = database
    .select({ seenAt: knownAddresses.seenAt })
    .from(knownAddresses)
    .where(
      and(eq(knownAddresses.userId, userId), eq(knownAddresses.address, address), gt(knownAddresses.seenAt, since)),
    )
    .get();
  return found !== undefined;
}

/** Drops what was not seen since `forgetBefore`, and beyond `max` of the person the oldest. */
export function rememberAddress(
  transaction: Transaction,
  known: { userId: string; address: string; seenAt: Date },
  { forgetBefore, max }: { forgetBefore: Date; max: number },
): void {
  const { userId, address, seenAt } = known;
  transaction.delete(knownAddresses).where(lt(knownAddresses.seenAt, forgetBefore)).run();
  transaction
    .insert(knownAddresses)
    .values(known)
    .onConflictDoUpdate({ target: [knownAddresses.userId, knownAddresses.address], set: { seenAt } })
    .run();
  const others = transaction
    .select({ address: knownAddresses.address })
    .from(knownAddresses)
    .where(and(eq(knownAddresses.userId, userId), ne(knownAddresses.address, address)))
    .orderBy(desc(knownAddresses.seenAt))
    .all();
  for (const { address: old } of others.slice(max - 1)) {
    transaction
      .delete(knownAddresses)
      .where(and(eq(knownAddresses.userId, userId), eq(knownAddresses.address, old)))
      .run();
  }
}
