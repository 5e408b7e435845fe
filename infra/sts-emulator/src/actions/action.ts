import type { Caller } from '../authenticate.ts';
import type { Account } from '../state/accounts.ts';
import type { JournalEntry } from '../state/journal.ts';
import type { Sessions } from '../state/sessions.ts';
import type { XmlTree } from '../xml.ts';

export type ActionContext = {
  account: Account;
  sessions: Sessions;
  caller: Caller;
  parameters: URLSearchParams;
  now: Date;
  /** Fields for the journal, noted as they become known, so that a refused call tells as much as it can. */
  note: (fields: Partial<JournalEntry>) => void;
};

/** Carries a call out and returns the content of `<…Result>`; throws `StsError` to refuse it. */
export type Action = (context: ActionContext) => XmlTree;
