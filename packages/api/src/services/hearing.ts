/** Whether this process could hear the workers. One that beat and was not heard is not to be taken for silent. */
export type Hearing = {
  /** A heartbeat could not be taken: the store was locked, its disk full, or the process too busy. */
  missed(at: Date): void;
  /** Of the last one; undefined: none was missed. */
  readonly missedAt: Date | undefined;
};

export function createHearing(): Hearing {
  let last: Date | undefined;
  return {
    missed(at) {
      last = at;
    },
    get missedAt() {
      return last;
    },
  };
}
