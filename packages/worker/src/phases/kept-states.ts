import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';

type Kept = { file: string; store: () => Promise<void> };

/** States that could not be stored when their apply ended: on the disk, and tried again whenever the api answers. */
export class KeptStates {
  readonly #folder: string;
  readonly #logger: Logger;
  #kept: Kept[] = [];
  #trying = false;

  constructor(workDir: string, logger: Logger) {
    this.#folder = path.join(workDir, 'kept-states');
    this.#logger = logger;
  }

  /** Answers with the file. `store` throws while the state cannot be stored; without it a person has to. */
  async keep(runId: string, state: Uint8Array, store?: () => Promise<void>): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = path.join(this.#folder, `${path.basename(runId)}.errored.tfstate`);
    await writeFile(file, state, { mode: 0o600 });
    if (store !== undefined) this.#kept.push({ file, store });
    this.#logger.error({ runId, file }, 'a state could not be stored and is kept on this disk');
    return file;
  }

  /** The api answers: each kept state is tried once. One that is refused stays on the disk for a person. */
  async retry(): Promise<void> {
    if (this.#trying || this.#kept.length === 0) return;
    this.#trying = true;
    for (const kept of this.#kept) {
      try {
        await kept.store();
        await rm(kept.file, { force: true });
        this.#kept = this.#kept.filter((other) => other !== kept);
        this.#logger.info({ file: kept.file }, 'a kept state was stored');
      } catch (error) {
        this.#logger.warn({ err: error, file: kept.file }, 'a kept state still cannot be stored');
      }
    }
    // Not while there is anything in it: what was refused, or what another worker keeps.
    if (this.#kept.length === 0) await rmdir(this.#folder).catch(() => {});
    this.#trying = false;
  }
}
