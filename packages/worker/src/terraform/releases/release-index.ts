import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type DownloadLimits, downloadBytes } from './download.ts';
import type { ReleaseLayout } from './release-layout.ts';

/** Every version that there ever was, for every machine: 3 MB at HashiCorp. */
const indexBytes = 64 * 1024 ** 2;
/** A new release is no emergency, and each run with a constraint asks. */
const freshMs = 10 * 60_000;

/**
 * What a server lists, read once for all that ask meanwhile. It is not signed: who forges it can hide versions, and none
 * that it makes up will have a signature. An old list stands where a new one cannot be read. Throws `unavailable`.
 */
export function releaseIndex(layout: ReleaseLayout, title: string, limits: DownloadLimits): () => Promise<string[]> {
  let known: string[] | undefined;
  let readAt = 0;
  let reading: Promise<string[]> | undefined;

  async function read(): Promise<string[]> {
    const refuse = (why: string, cause?: unknown) =>
      new GatehouseError('unavailable', `The list of ${title} releases cannot be read: ${why}`, { cause });
    if (layout.index === undefined) throw refuse('there is no setting that says where it is.');
    try {
      const bytes = await downloadBytes(layout.index, indexBytes, limits);
      return layout.listed(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (error) {
      throw refuse(isGatehouseError(error) ? error.message : `${layout.index} has another form.`, error);
    }
  }

  return async () => {
    if (known !== undefined && Date.now() - readAt < freshMs) return known;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    try {
      known = await reading;
      readAt = Date.now();
    } catch (error) {
      if (known === undefined) throw error;
    }
    return known;
  };
}
