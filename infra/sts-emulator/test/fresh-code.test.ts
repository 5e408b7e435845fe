import { freshCode, usedCode, wrongCode } from '@gatehouse/sts-emulator/fresh-code';
import { expect, test } from 'vitest';
import { refusal, startEmulator } from './start-emulator.ts';

test('many fresh codes in a row are all accepted, without waiting', async () => {
  const { device, sessionKeys, mfaSerial } = await startEmulator();
  for (let count = 0; count < 8; count += 1) {
    await expect(sessionKeys({ SerialNumber: mfaSerial, TokenCode: await freshCode(device) })).resolves.toBeDefined();
  }
});

test('a wrong code is wrong and a used code is used', async () => {
  const { device, sessionKeys, mfaSerial, state } = await startEmulator();
  await expect(usedCode(device)).rejects.toThrow('no code');
  await refusal(sessionKeys({ SerialNumber: mfaSerial, TokenCode: await wrongCode(device) }));
  await sessionKeys({ SerialNumber: mfaSerial, TokenCode: await freshCode(device) });
  await refusal(sessionKeys({ SerialNumber: mfaSerial, TokenCode: await usedCode(device) }));
  expect(state.journal.entries.map(({ reason }) => reason)).toEqual(['code_wrong', null, 'code_reused']);
});

test('the control token is passed on, and a refusal is an error without the secret', async () => {
  const { device } = await startEmulator({ controlToken: 'control-token-of-the-test' });
  await expect(freshCode({ ...device, controlToken: 'control-token-of-the-test' })).resolves.toMatch(/^\d{6}$/);
  const error = await freshCode(device).catch(String);
  expect(error).toContain('401');
  expect(error).not.toContain(device.secretBase32);
});
