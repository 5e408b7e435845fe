import { useState } from 'react';
import type { Device, DeviceOwner } from '../../api-client/mfa.ts';

/** The device that answers: the default, unless the reader has chosen another that is still there. */
export function useDeviceChoice(devices: readonly Device[]) {
  const [choice, setChoice] = useState<DeviceOwner | undefined>(undefined);
  const device = devices.find(({ owner }) => owner === choice) ?? devices[0];
  return { device, choose: setChoice };
}
