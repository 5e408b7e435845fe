import { randomUUID } from 'node:crypto';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Clock } from '../clock.ts';
import {
  codeLimits,
  type GuessLimit,
  guessMemoryMs,
  passwordLimits,
  secondsToNextGuess,
} from '../domain/guess-limits.ts';
import { type Database, inTransaction, type Transaction } from '../store/database.ts';
import { noteGuess, timesOfGuesses } from '../store/guesses.ts';
import type { Change } from './run-core.ts';

/** Whose password is tried, and from where. */
export type PasswordGuess = {
  /** A name, whatever its case and whether there is such a person or not: both are counted alike. */
  account: string;
  /** What guesses are counted by: an address, a known browser, a sign-in. */
  source: string;
  /** An address or browser from which the account was signed in to before: past what strangers are refused for. */
  isKnown: boolean;
};

export type PasswordGuessDependencies = { database: Database; clock: Clock; sealer: Pick<Sealer, 'fingerprint'> };

/**
 * Counts a try of a password before it is judged; whoever finds it right strikes it out by the id that this answers.
 * Throws `too_many_requests`, for names that nobody has, too.
 */
export function notePasswordGuess(
  { database, clock, sealer }: PasswordGuessDependencies,
  { account, source, isKnown }: PasswordGuess,
): string {
  const at = clock.now();
  const target = sealer.fingerprint(account.toLowerCase(), 'guess/password');
  const guess = { id: randomUUID(), target, source: sealer.fingerprint(source, 'guess/source'), at };
  inTransaction(database, (transaction) => {
    const wait =
      secondsLeft(transaction, { target, source: guess.source }, passwordLimits.ofSource, at) ??
      (isKnown ? undefined : secondsLeft(transaction, { target }, passwordLimits.ofAccount, at)) ??
      secondsLeft(transaction, { source: guess.source }, passwordLimits.ofAddress, at);
    if (wait !== undefined) throw tooMany('Too many wrong passwords.', wait);
    noteGuess(transaction, guess, new Date(at.getTime() - guessMemoryMs));
  });
  return guess.id;
}

/** Whose code is given, of which device. `id`: of the exchange, or of the check. */
export type CodeGuess = { id: string; mfaSerial: string; userId: string };

/**
 * Before a code goes to AWS: who had too many refused must wait, over all her runs, and nobody else. Throws
 * `too_many_requests`; no try is used.
 */
export function refuseGuesser(
  { transaction, at, settings }: Change,
  guess: Pick<CodeGuess, 'mfaSerial' | 'userId'>,
): void {
  const { target, source } = namesOfCodeGuess(guess);
  const isAttacked = secondsLeft(transaction, { target }, codeLimits.ofDevice, at) !== undefined;
  const ofPerson = { ...codeLimits.ofPerson, max: settings.mfaWrongCodesPerHour };
  const wait =
    secondsLeft(transaction, { target, source }, ofPerson, at) ??
    (isAttacked ? secondsLeft(transaction, { target, source }, codeLimits.ofPersonUnderAttack, at) : undefined);
  if (wait === undefined) return;
  const why =
    'Too many codes that you gave of this MFA device were refused. No try was used; other people may still give one.';
  throw tooMany(why, wait);
}

/** Counts a code from its way to AWS on; struck out when it turns out to be right, or was never judged. */
export function noteCodeGuess({ transaction, at }: Change, guess: CodeGuess): void {
  const named = { id: guess.id, ...namesOfCodeGuess(guess), at };
  noteGuess(transaction, named, new Date(at.getTime() - guessMemoryMs));
}

function namesOfCodeGuess({ mfaSerial, userId }: Omit<CodeGuess, 'id'>) {
  return { target: `code/${mfaSerial}`, source: userId };
}

function secondsLeft(
  transaction: Transaction,
  of: { target?: string; source?: string },
  limit: GuessLimit,
  at: Date,
): number | undefined {
  const since = new Date(at.getTime() - limit.withinMs);
  return secondsToNextGuess(timesOfGuesses(transaction, { ...of, since, limit: limit.max }), limit, at);
}

function tooMany(why: string, retryAfterSeconds: number): GatehouseError {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const when = minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return new GatehouseError('too_many_requests', `${why} Try again in ${when}.`, { retryAfterSeconds });
}
