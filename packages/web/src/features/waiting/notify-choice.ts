const storageKey = 'gatehouse-notify';

/** What can be said of notifications on this browser. */
export type NotifyState = 'insecure' | 'unsupported' | 'denied' | 'off' | 'on';

type Surroundings = {
  isSecureContext: boolean;
  Notification?: { permission: NotificationPermission } | undefined;
  storage: Pick<Storage, 'getItem'>;
};

export function notifyState({ isSecureContext, Notification, storage }: Surroundings): NotifyState {
  if (!isSecureContext) return 'insecure';
  if (Notification === undefined) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' && storage.getItem(storageKey) === 'on' ? 'on' : 'off';
}

export function browserNotifyState(): NotifyState {
  return notifyState({
    isSecureContext: window.isSecureContext,
    // Older browsers of phones have none, whatever the type says.
    Notification: 'Notification' in window ? window.Notification : undefined,
    storage: window.localStorage,
  });
}

export function rememberNotify(isOn: boolean): void {
  window.localStorage.setItem(storageKey, isOn ? 'on' : 'off');
}
