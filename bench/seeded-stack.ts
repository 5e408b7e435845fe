import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ApiClient, createApiClient, document, resourceOf } from '@gatehouse/dev/api-client';
import { inheritedEnvironment } from '@gatehouse/dev/config';
import { packConfiguration } from '@gatehouse/dev/pack-configuration';
import { createRun, uploadConfiguration, waitForRun } from '@gatehouse/dev/run-client';
import { type Stack, startStack } from '@gatehouse/dev/stack';
import { z } from 'zod';
import { multiplyRun } from './seeded-store.ts';

export type SeededStack = { stack: Stack; api: ApiClient; workspaceId: string; close(): Promise<void> };

/** A Gatehouse whose one workspace has had so many runs. */
export async function openSeeded(count: number): Promise<SeededStack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-bench-'));
  const options = {
    dataDirectory: path.join(folder, 'data'),
    environment: inheritedEnvironment(process.env),
    onWarning: (line: string) => process.stderr.write(`${line}\n`),
    workerEnvironment: { GATEHOUSE_DRAIN_SECONDS: '1' },
  };
  const first = await startStack(options);
  const { dev } = first;
  const api = createApiClient({ url: dev.url, token: dev.token });
  const body = document('workspaces', { name: 'seeded', 'mfa-level': 'never', 'auto-apply': true });
  const created = await api.call('POST', `/api/v2/organizations/${dev.organization}/workspaces`, body);
  const { id: workspaceId } = resourceOf(created, z.unknown());
  const source = await mkdtemp(path.join(folder, 'configuration-'));
  await writeFile(path.join(source, 'main.tf'), 'resource "terraform_data" "one" {}');
  const run = await createRun(
    api,
    workspaceId,
    await uploadConfiguration(api, workspaceId, await packConfiguration(source)),
  );
  await waitForRun(api, run.id, ['applied']);
  await first.stop();
  multiplyRun(options.dataDirectory, run.id, count);
  const stack = await startStack(options);
  return {
    stack,
    api: createApiClient({ url: stack.dev.url, token: stack.dev.token }),
    workspaceId,
    async close() {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
