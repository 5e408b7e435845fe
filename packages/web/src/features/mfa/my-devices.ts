import type { Device } from '../../api-client/mfa.ts';

const storageKey = (username: string) => `gatehouse-devices-of-${username}`;
const maxKept = 20;

/**
 * Whether the reader holds it: one of their own, or one of the organization of which a code was accepted from them on this
 * browser before. Ids are fingerprints and tell nothing else.
 */
export function isMyDevice(
  username: string,
  { id, owner }: Pick<Device, 'id' | 'owner'>,
  storage: Pick<Storage, 'getItem'> = window.localStorage,
): boolean {
  return owner === 'own' || kept(username, storage).includes(id);
}

/** Nothing needs to be remembered of one's own: the api knows it. */
export function rememberDevice(
  username: string,
  { id, owner }: Pick<Device, 'id' | 'owner'>,
  storage: Pick<Storage, 'getItem' | 'setItem'> = window.localStorage,
): void {
  if (owner === 'own') return;
  const others = kept(username, storage).filter((known) => known !== id);
  storage.setItem(storageKey(username), [id, ...others].slice(0, maxKept).join(' '));
}

function kept(username: string, storage: Pick<Storage, 'getItem'>): string[] {
  return (storage.getItem(storageKey(username)) ?? '').split(' ').filter((id) => id !== '');
}
