// `npm run demo`: one run through both of its codes, on a stack of its own, without a question. Exit code 0 only when the
// run was applied and its state has the outputs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Phase } from '@gatehouse/shared/run-status';
import { freshCode } from '@gatehouse/sts-emulator/fresh-code';
import { type ApiClient, createApiClient } from './api-client.ts';
import { inheritedEnvironment } from './config.ts';
import { followLog } from './follow-log.ts';
import { packConfiguration } from './pack-configuration.ts';
import { readableLog } from './readable-log.ts';
import {
  authenticateRun,
  createRun,
  findWorkspace,
  readOutputs,
  uploadConfiguration,
  waitForRun,
} from './run-client.ts';
import { demoConfiguration } from './seed-demo.ts';
import { type Stack, startStack } from './stack.ts';

const expectedOutputs = { greeting: 'The gate is open', walls: ['north wall', 'south wall'], workspace: 'demo' };

const dataDirectory = await mkdtemp(path.join(tmpdir(), 'gatehouse-demo-'));
const interrupted = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => resolve(`it was interrupted by ${signal}`));
  }
});
let stack: Stack | undefined;
try {
  say('Starting a private Redis, the STS emulator, the api and a worker …');
  stack = await startStack({
    dataDirectory,
    environment: inheritedEnvironment(process.env),
    onWarning: (line) => process.stderr.write(`${line}\n`),
  });
  const early = await Promise.race([stack.failed, interrupted, runThrough(stack)]);
  if (early !== undefined) throw new Error(`The demo was stopped: ${early}`);
} catch (error) {
  process.stderr.write(`\nThe demo failed. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stack?.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
// A log that is still followed after a failure would hold the process.
process.exit();

async function runThrough({ url, dev }: Stack): Promise<undefined> {
  const api = createApiClient({ url, token: dev.token });
  const workspace = await findWorkspace(api, dev.organization, dev.workspace);
  const version = await uploadConfiguration(api, workspace, await packConfiguration(demoConfiguration));
  const run = await createRun(api, workspace, version, { message: 'The demo' });
  say(`Queued ${run.id} in workspace "${dev.workspace}". Plan and apply each need a code of the MFA device.`);

  for (const phase of ['plan', 'apply'] as const) {
    const log = showLog(api, run.id, phase);
    if (phase === 'plan') await waitForRun(api, run.id, ['awaiting_mfa']);
    const emulator = { emulatorUrl: dev.stsUrl, serial: dev.mfaSerial, secretBase32: dev.mfaSecret };
    const code = await freshCode(emulator);
    say(`The device shows ${code}; submitting it for the ${phase} …`);
    await authenticateRun(api, run.id, code);
    await log;
    const { attributes } = await waitForRun(api, run.id, [phase === 'plan' ? 'planned' : 'applied']);
    say(`The run is ${attributes['gatehouse-status']}.`);
  }

  const outputs = await readOutputs(api, workspace);
  if (!isDeepStrictEqual(outputs, expectedOutputs)) {
    throw new Error(`The state's outputs are ${JSON.stringify(outputs)}, not ${JSON.stringify(expectedOutputs)}.`);
  }
  say(`Applied. The state's outputs: ${JSON.stringify(outputs)}`);
  return undefined;
}

async function showLog(api: ApiClient, runId: string, phase: Phase): Promise<void> {
  let isLineStart = true;
  const show = (text: string) => {
    for (const line of text.split(/(?<=\n)/)) {
      process.stdout.write(`${isLineStart ? `  ${phase} | ` : ''}${line}`);
      isLineStart = line.endsWith('\n');
    }
  };
  await followLog(api, runId, phase, readableLog(show));
  if (!isLineStart) process.stdout.write('\n');
}

function say(text: string): void {
  process.stdout.write(`\n${text}\n`);
}
