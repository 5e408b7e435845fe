import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { seedSchema } from '@gatehouse/sts-emulator/seed';
import { expect, onTestFinished, test } from 'vitest';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'sts-emulator-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const seedPath = join(folder, 'seed.json');
  const start = (environment: Record<string, string>) => {
    const child = spawn(process.execPath, ['--conditions=gatehouse-source', program], {
      env: { PATH: process.env['PATH'], STS_EMULATOR_PORT: '0', STS_EMULATOR_SEED: seedPath, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    return { child, exit: once(child, 'close'), stderr: () => stderr };
  };
  return { seedPath, start };
}

test('the program makes a seed, tells its address, serves and ends on SIGTERM', async () => {
  const { seedPath, start } = await setup();
  const { child, exit } = start({ STS_EMULATOR_LOG_LEVEL: 'info' });
  const [line] = await once(child.stdout, 'data');
  const url = /^STS emulator listens on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line))?.[1];
  expect((await stat(seedPath)).mode & 0o777).toBe(0o600);
  const key = seedSchema.parse(JSON.parse(await readFile(seedPath, 'utf8'))).users[0]?.accessKeys[0];
  if (url === undefined || key === undefined) throw new Error(`no address or key: ${line}`);
  const client = new STSClient({ endpoint: url, region: 'eu-central-1', credentials: key });
  expect((await client.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('a wrong configuration or seed ends the program with a sentence that holds no secret', async () => {
  const { seedPath, start } = await setup();
  const wrongPort = start({ STS_EMULATOR_PORT: 'many' });
  expect(await wrongPort.exit).toEqual([1, null]);
  expect(wrongPort.stderr()).toMatch(/^STS emulator cannot start: STS_EMULATOR_PORT: /);

  await writeFile(seedPath, '{"accountId": "123456789012", secretsecretsecret');
  const notJson = start({});
  expect(await notJson.exit).toEqual([1, null]);
  expect(notJson.stderr()).toMatch(/is not JSON\n$/);

  const users = [{ name: 'demo', accessKeys: [{ accessKeyId: 'x', secretAccessKey: 'secretsecretsecret' }] }];
  await writeFile(seedPath, JSON.stringify({ accountId: '123456789012', users }));
  const badKey = start({});
  expect(await badKey.exit).toEqual([1, null]);
  expect(badKey.stderr()).toContain('users.0.accessKeys.0.accessKeyId');
  expect(notJson.stderr() + badKey.stderr()).not.toContain('secretsecretsecret');
});
