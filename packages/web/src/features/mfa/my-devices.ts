const storageKey = (username: string) => `gatehouse-devices-of-${username}`;
const maxKept = 20;

/** Whether a code of it was accepted from me on this browser before. Ids are fingerprints and tell nothing else. */
export function isMyDevice(
  username: string,
  deviceId: string,
  storage: Pick<Storage, 'getItem'> = window.localStorage,
): boolean {
  return kept(username, storage).includes(deviceId);
}

export function rememberDevice(
  username: string,
  deviceId: string,
  storage: Pick<Storage, 'getItem' | 'setItem'> = window.localStorage,
): void {
  const others = kept(username, storage).filter((id) => id !== deviceId);
  storage.setItem(storageKey(username), [deviceId, ...others].slice(0, maxKept).join(' '));
}

function kept(username: string, storage: Pick<Storage, 'getItem'>): string[] {
  return (storage.getItem(storageKey(username)) ?? '').split(' ').filter((id) => id !== '');
}
