import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ApiClient, createApiClient, document, resourceOf } from '@gatehouse/dev/api-client';
import { inheritedEnvironment } from '@gatehouse/dev/config';
import { packConfiguration } from '@gatehouse/dev/pack-configuration';
import { uploadConfiguration } from '@gatehouse/dev/run-client';
import { type Stack, type StackOptions, startStack } from '@gatehouse/dev/stack';
import { freshCode } from '@gatehouse/sts-emulator/fresh-code';
import { z } from 'zod';
import { startMark } from './start-mark.ts';
import { terraformProgram } from './terraform-program.ts';

/** A whole Gatehouse of its own, as `npm start` makes it, and what a benchmark does with it. */
export type Surroundings = {
  /** That runs now. */
  readonly stack: Stack;
  readonly api: ApiClient;
  /** The binary of `tellingVersion`. */
  terraform: string;
  freshCode(): Promise<string>;
  /** A workspace with an uploaded configuration of one file. */
  workspace(
    name: string,
    attributes: Record<string, unknown>,
    mainTf: string,
  ): Promise<{ id: string; version: string }>;
  /** Ends all of it, and starts it again on the same data. */
  restart(meanwhile: (dataDirectory: string) => void): Promise<void>;
  close(): Promise<void>;
};

/** `workerEnvironment` is more for each worker: settings that operators have. */
export async function openSurroundings(
  options: Pick<StackOptions, 'workerEnvironment' | 'workers'> = {},
): Promise<Surroundings> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-bench-'));
  const versions = await wrappedTerraform(path.join(folder, 'terraform'));
  const stackOptions = {
    ...options,
    dataDirectory: path.join(folder, 'data'),
    environment: inheritedEnvironment(process.env),
    onWarning: (line: string) => process.stderr.write(`${line}\n`),
    workerEnvironment: {
      GATEHOUSE_TERRAFORM_DIR: versions,
      GATEHOUSE_DRAIN_SECONDS: '1',
      ...options.workerEnvironment,
    },
  };
  let stack = await startStack(stackOptions);
  let api = createApiClient(stack.dev);
  return {
    get stack() {
      return stack;
    },
    get api() {
      return api;
    },
    terraform: path.join(versions, tellingVersion, 'terraform'),
    freshCode() {
      const { stsUrl, mfaSerial, mfaSecret } = stack.dev;
      return freshCode({ emulatorUrl: stsUrl, serial: mfaSerial, secretBase32: mfaSecret });
    },
    async workspace(name, attributes, mainTf) {
      const body = document('workspaces', { name, ...attributes });
      const created = await api.call('POST', `/api/v2/organizations/${stack.dev.organization}/workspaces`, body);
      const { id } = resourceOf(created, z.unknown());
      const source = await mkdtemp(path.join(folder, 'configuration-'));
      await writeFile(path.join(source, 'main.tf'), mainTf);
      return { id, version: await uploadConfiguration(api, id, await packConfiguration(source)) };
    },
    async restart(meanwhile) {
      await stack.stop();
      meanwhile(stack.dataDirectory);
      stack = await startStack(stackOptions);
      api = createApiClient(stack.dev);
    },
    async close() {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Version under which a workspace asks for the terraform that tells when it starts. */
export const tellingVersion = '1.11.4';

/** Terraform, but for a line that says when `init` began: the only place from which its start can be seen in a log. */
async function wrappedTerraform(folder: string): Promise<string> {
  const binary = path.join(folder, tellingVersion, 'terraform');
  await mkdir(path.dirname(binary), { recursive: true });
  await writeFile(binary, `#!/bin/sh\n[ "$1" = init ] && date "+${startMark} %s%N"\nexec ${terraformProgram()} "$@"\n`);
  for (const entry of [path.dirname(folder), folder, path.dirname(binary), binary]) await chmod(entry, 0o755);
  return folder;
}
