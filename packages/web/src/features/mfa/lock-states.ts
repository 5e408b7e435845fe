/** What the lock beside a phase says. Form and words carry it; colour only helps. */
export const lockStates = ['off', 'waiting', 'exchanging', 'authenticated', 'refused', 'expired', 'no-tries'] as const;
export type LockState = (typeof lockStates)[number];

/** M7 asks for these words, on the page as in the log. */
export function authenticatedWords(username: string): string {
  return `Authenticated with MFA by ${username}`;
}

/** `username`: who authenticated. */
export function lockWords(state: LockState, username: string = 'somebody'): string {
  const words: Record<LockState, string> = {
    off: 'No code needed',
    waiting: 'Waiting for a code',
    exchanging: 'Checking with AWS',
    authenticated: authenticatedWords(username),
    refused: 'Code refused',
    expired: 'No code came in time',
    'no-tries': 'No tries left',
  };
  return words[state];
}
