import { Secret } from '@gatehouse/shared/secret';
import { createDemoSeed, type DemoSeed } from '@gatehouse/sts-emulator/demo-seed';
import { freshCode, usedCode, wrongCode } from '@gatehouse/sts-emulator/fresh-code';
import { buildEmulator } from '@gatehouse/sts-emulator/server';
import type { FaultInput } from '@gatehouse/sts-emulator/state/faults';
import type { Identity } from '../../src/sts/session.ts';

/** The real emulator over real HTTP, with a device that shows fresh codes. */
export async function startEmulator() {
  const demo: DemoSeed = createDemoSeed();
  const { app } = buildEmulator({ seed: { ...demo.seed, minimumSessionSeconds: 1 } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const device = { emulatorUrl: url, serial: demo.mfaSerial, secretBase32: demo.mfaSecret };
  const identity: Identity = {
    accessKeyId: demo.accessKeyId,
    secretAccessKey: new Secret(demo.secretAccessKey),
    sessionToken: undefined,
  };
  return {
    ...demo,
    url,
    port,
    identity,
    sts: { endpoint: url, region: 'us-east-1' },
    freshCode: () => freshCode(device),
    wrongCode: () => wrongCode(device),
    usedCode: () => usedCode(device),
    async fault(fault: FaultInput): Promise<void> {
      await fetch(`${url}/_emulator/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
      });
    },
    async calls(action: string): Promise<unknown[]> {
      const response = await fetch(`${url}/_emulator/journal?action=${action}`);
      // The emulator's own answer, as its journal documents it.
      return ((await response.json()) as { calls: unknown[] }).calls;
    },
    /** The control API; answers its JSON. */
    async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Record<string, unknown>> {
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(`${url}/_emulator${path}`, { method, ...(body === undefined ? {} : json) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? {} : JSON.parse(text);
    },
    close: () => app.close(),
  };
}

export type Emulator = Awaited<ReturnType<typeof startEmulator>>;
