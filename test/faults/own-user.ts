/** A user id that no other world of this machine takes: worlds of one process count on, those of others start elsewhere. */
export function takeUser(): number {
  taken++;
  // Between the users of the system and those of user namespaces, for which Debian hands out ids from 100000 on.
  return 32_000 + ((process.pid * 16 + taken) % 30_000);
}

let taken = 0;
