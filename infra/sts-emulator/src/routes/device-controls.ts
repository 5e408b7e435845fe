import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EmulatorState } from '../emulator-state.ts';
import { mfaDeviceSchema } from '../seed.ts';
import { addMfaDevice, findMfaDevice, removeMfaDevice, type User } from '../state/accounts.ts';
import { advanceDevice, deviceStep, type MfaDevice } from '../state/mfa-devices.ts';
import { ControlError } from './control-error.ts';

// A device's clock can be moved on, so that who holds its secret need not wait 30 s for the next code.
// No route tells a code: a real device shows it to its owner only.

const advanceSchema = z.strictObject({ seconds: z.int().min(0).optional() });
const clockSchema = z.strictObject({ advanceSeconds: z.int().min(0) });
/** Ten years either way: the point is a clock that is wrong, not one that is far from ours. */
const clockOffsetSchema = z.strictObject({ offsetSeconds: z.int().min(-315_360_000).max(315_360_000) });
const newDeviceSchema = mfaDeviceSchema.extend({ user: z.string() });

export function registerDeviceControls(scope: FastifyInstance, state: EmulatorState): void {
  const { account } = state;
  const describe = (user: User, device: MfaDevice) => ({
    serial: device.serial,
    user: user.name,
    stepSeconds: device.stepSeconds,
    clockOffsetSeconds: device.clockOffsetSeconds,
    currentStep: deviceStep(device, state.clock()),
    lastAcceptedStep: device.lastAcceptedStep ?? null,
  });
  const find = (request: FastifyRequest) => {
    const { serial } = z.object({ serial: z.string() }).parse(request.params);
    const found = findMfaDevice(account, serial);
    if (found === undefined) throw new ControlError(404, `no MFA device ${serial}`);
    return found;
  };

  scope.get('/devices', async () => ({
    devices: [...account.users.values()].flatMap((user) => user.mfaDevices.map((device) => describe(user, device))),
  }));
  scope.get('/devices/:serial', async (request) => {
    const { user, device } = find(request);
    return describe(user, device);
  });
  scope.post('/devices/:serial/advance', async (request) => {
    const { user, device } = find(request);
    advanceDevice(device, advanceSchema.parse(request.body ?? {}).seconds);
    return describe(user, device);
  });
  scope.delete('/devices/:serial', async (request, reply) => {
    const { user, device } = find(request);
    removeMfaDevice(user, device.serial);
    return reply.status(204).send();
  });
  const describeClock = () => ({ now: state.clock().toISOString(), offsetSeconds: state.clockOffsetSeconds });
  scope.get('/clock', async () => describeClock());
  scope.put('/clock', async (request) => {
    state.clockOffsetSeconds = clockOffsetSchema.parse(request.body).offsetSeconds;
    return describeClock();
  });
  scope.post('/clock', async (request) => {
    const { advanceSeconds } = clockSchema.parse(request.body);
    const owned = [...account.users.values()].flatMap((user) => user.mfaDevices.map((device) => ({ user, device })));
    for (const { device } of owned) advanceDevice(device, advanceSeconds);
    return { devices: owned.map(({ user, device }) => describe(user, device)) };
  });
  scope.post('/devices', async (request, reply) => {
    const { user: name, ...seed } = newDeviceSchema.parse(request.body);
    const user = account.users.get(name);
    if (user === undefined) throw new ControlError(404, `no user ${name}`);
    return reply.status(201).send(describe(user, addMfaDevice(account, user, seed)));
  });
}
