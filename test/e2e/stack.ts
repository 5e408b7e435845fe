import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type ApiClient, createApiClient, document, resourceOf } from '@gatehouse/dev/api-client';
import { inheritedEnvironment } from '@gatehouse/dev/config';
import { followLog } from '@gatehouse/dev/follow-log';
import { packConfiguration } from '@gatehouse/dev/pack-configuration';
import { authenticateRun, createRun, type Run, uploadConfiguration } from '@gatehouse/dev/run-client';
import { type Stack, type StackOptions, startStack } from '@gatehouse/dev/stack';
import type { Phase } from '@gatehouse/shared/run-status';
import { freshCode, usedCode, wrongCode } from '@gatehouse/sts-emulator/fresh-code';
import { z } from 'zod';

/** A whole Gatehouse of real processes, and what a person or a script does with it. */
export type Gatehouse = {
  stack: Stack;
  api: ApiClient;
  /** What the processes warned of. */
  warnings: readonly string[];
  /** Codes of the demo device: one that works now, one that never did, one that was used. */
  freshCode(): Promise<string>;
  wrongCode(): Promise<string>;
  usedCode(): Promise<string>;
  /** Id of a new workspace in the demo organization. */
  workspace(name: string, attributes?: Record<string, unknown>): Promise<string>;
  /** Queues a run of a folder, or of these files (name → content). */
  queueRun(workspaceId: string, files: string | Files, attributes?: Record<string, unknown>): Promise<Run>;
  /** Sets an environment variable of a workspace. */
  setVariable(workspaceId: string, key: string, value: string): Promise<void>;
  /** A code that works, for whichever phase waits. */
  authenticate(run: Pick<Run, 'id'>): Promise<Run>;
  /** The whole log of a phase, without its colours; resolves when it is complete. */
  log(run: Run, phase: Phase): Promise<string>;
  /** The log so far, as soon as `pattern` is in it. */
  logUntil(run: Run, phase: Phase, pattern: RegExp): Promise<string>;
  /** The emulator's control API: what AWS has no door for. Throws what it refuses. */
  emulator(method: string, path: string, body?: object): Promise<unknown>;
  /** Calls that reached the emulator, the newest last. */
  stsCalls(action?: string): Promise<StsCall[]>;
  stop(): Promise<void>;
};

type Files = Readonly<Record<string, string>>;

const stsCall = z.looseObject({ action: z.string(), outcome: z.string(), serial: z.string().nullable() });
export type StsCall = z.output<typeof stsCall>;

export async function startGatehouse(
  options: Partial<
    Pick<
      StackOptions,
      'dataDirectory' | 'host' | 'port' | 'tls' | 'workers' | 'apiEnvironment' | 'workerEnvironment' | 'workerPrefix'
    >
  > = {},
): Promise<Gatehouse> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(path.join(tmpdir(), 'gh-e2e-')));
  const warnings: string[] = [];
  const stack = await startStack({
    dataDirectory,
    environment: inheritedEnvironment(process.env),
    onWarning: (line) => warnings.push(line),
    ...options,
    // A test that fails must not wait for a drain.
    workerEnvironment: { GATEHOUSE_DRAIN_SECONDS: '1', ...options.workerEnvironment },
  }).catch(async (error) => {
    await rm(dataDirectory, { recursive: true, force: true });
    throw error;
  });
  const { dev } = stack;
  const api = createApiClient({ url: dev.url, token: dev.token });
  const device = { emulatorUrl: dev.stsUrl, serial: dev.mfaSerial, secretBase32: dev.mfaSecret };
  let lastCode: Promise<unknown> = Promise.resolve();
  async function emulator(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${dev.stsUrl}/_emulator${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The STS emulator answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
  return {
    stack,
    api,
    warnings,
    freshCode: () => freshCode(device),
    wrongCode: () => wrongCode(device),
    usedCode: () => usedCode(device),
    async workspace(name, attributes = {}) {
      const body = document('workspaces', { name, ...attributes });
      return resourceOf(
        await api.call('POST', `/api/v2/organizations/${dev.organization}/workspaces`, body),
        z.unknown(),
      ).id;
    },
    async queueRun(workspaceId, files, attributes) {
      const archive = typeof files === 'string' ? await packConfiguration(files) : await archiveOf(files);
      const version = await uploadConfiguration(api, workspaceId, archive);
      return createRun(api, workspaceId, version, attributes);
    },
    async setVariable(workspaceId, key, value) {
      const body = document('vars', { key, value, category: 'env', sensitive: false });
      await api.call('POST', `/api/v2/workspaces/${workspaceId}/vars`, body);
    },
    authenticate(run) {
      // One after the other: two that ask the device at once would get the same code, which works once.
      const mine = lastCode.then(async () => authenticateRun(api, run.id, await freshCode(device)));
      lastCode = mine.catch(() => undefined);
      return mine;
    },
    async log(run, phase) {
      let text = '';
      await followLog(api, run.id, phase, (more) => {
        text += more;
      });
      return stripVTControlCharacters(text);
    },
    async logUntil(run, phase, pattern) {
      const found = new AbortController();
      let text = '';
      await followLog(
        api,
        run.id,
        phase,
        (more) => {
          text += more;
          if (pattern.test(text)) found.abort();
        },
        found.signal,
      ).catch((error: unknown) => {
        if (!found.signal.aborted) throw error;
      });
      if (!pattern.test(text)) throw new Error(`The log ended without ${pattern}:\n${text}`);
      return stripVTControlCharacters(text);
    },
    emulator,
    async stsCalls(action) {
      const query = action === undefined ? '' : `?action=${action}`;
      return z.object({ calls: z.array(stsCall) }).parse(await emulator('GET', `/journal${query}`)).calls;
    },
    async stop() {
      await stack.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

async function archiveOf(files: Files): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-configuration-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
    return await packConfiguration(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two resources and an output, with nothing to download. */
export const smallConfiguration = {
  'main.tf': `
resource "terraform_data" "one" { input = "first" }
resource "terraform_data" "two" { input = terraform_data.one.output }
output "result" { value = terraform_data.two.output }
output "workspace" { value = terraform.workspace }
`,
};
