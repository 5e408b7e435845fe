import type { Account } from './state/accounts.ts';
import type { Faults } from './state/faults.ts';
import type { LambdaFunctions } from './state/functions.ts';
import type { Journal } from './state/journal.ts';
import type { Parameters } from './state/parameters.ts';
import type { Sessions } from './state/sessions.ts';

/** Everything the emulator knows, in memory: it starts from the seed and ends with the process. */
export type EmulatorState = {
  account: Account;
  sessions: Sessions;
  faults: Faults;
  journal: Journal;
  functions: LambdaFunctions;
  parameters: Parameters;
  /** What everything is judged by: the machine's clock and `clockOffsetSeconds`. */
  clock: () => Date;
  clockOffsetSeconds: number;
  /** Aborted when the emulator closes. */
  closing: AbortSignal;
};
