import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Secret } from '@gatehouse/shared/secret';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { aSandbox } from './a-sandbox.ts';

const backend = 'terraform {\n  backend "local" {\n    path = "/state/terraform.tfstate"\n  }\n}\n';
const environment = { OF_THE_RUN: new Secret('run-secret-value') };

/** A sandbox with the real terraform and `main.tf`, initialised. */
async function setup(main: string) {
  const made = await aSandbox();
  const terraform = async (argv: string[], onOutput?: (text: string) => void | Promise<void>) => {
    let output = '';
    const result = await made.sandbox.run({
      argv: ['terraform', ...argv],
      environment,
      onOutput: async (bytes) => {
        const text = Buffer.from(bytes).toString('utf8');
        output += text;
        await onOutput?.(text);
      },
    });
    return { ...result, output };
  };
  await writeFile(join(made.workDir, 'main.tf'), backend + main);
  return { ...made, terraform };
}

const state = z.object({ resources: z.array(z.object({ name: z.string() })) });
const nameless = z.object({ outputs: z.record(z.string(), z.object({ value: z.string() })) });

test('init, plan and apply of the saved plan go through, and the state is readable by the worker', async () => {
  const { terraform, sandbox, stateDir } = await setup('output "x" {\n  value = "y"\n}\n');
  expect((await terraform(['init'])).exitCode).toBe(0);
  expect((await terraform(['plan', '-detailed-exitcode', '-out=plan.bin'])).exitCode).toBe(2);
  expect((await terraform(['apply', 'plan.bin'])).exitCode).toBe(0);
  const written = await sandbox.readFile(join(stateDir, 'terraform.tfstate'), 100_000);
  expect(nameless.parse(JSON.parse(Buffer.from(written ?? []).toString())).outputs['x']?.value).toBe('y');
});

test('functions of the language read nothing of the worker or the launcher', async () => {
  const { terraform } = await setup(`
    output "environ" {
      value = nonsensitive(try(file("/proc/1/environ"), "cannot be read"))
    }
    output "cmdline" {
      value = nonsensitive(try(file("/proc/1/cmdline"), "cannot be read"))
    }
    output "shadow" {
      value = try(file("/etc/shadow"), "no such file")
    }`);
  await terraform(['init']);
  const { output } = await terraform(['plan']);
  expect(output).toContain('no such file');
  expect(output).not.toContain('run-secret-value');
  expect(output).not.toContain('--setenv');
});

test('a provider that a configuration brings along is not installed', async () => {
  const { terraform, workDir, sandbox } = await setup(
    'terraform {\n  required_providers {\n    evil = { source = "evil/evil" }\n  }\n}\nprovider "evil" {}\n',
  );
  const evil = join(
    workDir,
    'terraform.d/plugins/registry.terraform.io/evil/evil/1.0.0/linux_amd64/terraform-provider-evil_v1',
  );
  await mkdir(dirname(evil), { recursive: true });
  await writeFile(evil, '#!/bin/sh\n', { mode: 0o755 });
  await sandbox.adopt(workDir);
  const { exitCode, output } = await terraform(['init', '-no-color']);
  expect(exitCode).toBe(1);
  expect(output.replace(/\s+/g, ' ')).toContain('was not found in any of the search locations');
});

test('one interrupt stops terraform gracefully: what is made is in the state', async () => {
  const { terraform, sandbox, stateDir } = await setup(`
    resource "terraform_data" "first" {}
    resource "terraform_data" "second" {
      depends_on = [terraform_data.first]
      provisioner "local-exec" {
        command = "mkfifo /tmp/hold; echo second is being made; read x </tmp/hold"
      }
    }
    resource "terraform_data" "third" {
      depends_on = [terraform_data.second]
    }`);
  await terraform(['init']);
  let interrupted = false;
  const { exitCode, ended, output } = await terraform(['apply', '-auto-approve', '-no-color'], async (text) => {
    if (interrupted || !text.includes('(local-exec): second is being made')) return;
    interrupted = true;
    expect(await sandbox.interrupt()).toBe(true);
  });
  expect([exitCode, ended]).toEqual([1, 'exited']);
  expect(output).toContain('Interrupt received');
  const written = await sandbox.readFile(join(stateDir, 'terraform.tfstate'), 100_000);
  const names = state.parse(JSON.parse(Buffer.from(written ?? []).toString())).resources.map(({ name }) => name);
  expect(names).toEqual(['first', 'second']);
});

const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
if (mirror === undefined)
  console.warn('SKIPPED: the real AWS provider in the sandbox (GATEHOUSE_PROVIDER_MIRROR is not set)');

test.skipIf(mirror === undefined)(
  'the real AWS provider starts inside and fetches the session from the endpoint of the run',
  { timeout: 120_000 },
  async () => {
    let asked = 0;
    const { sandbox, workDir } = await aSandbox({
      ...(mirror === undefined ? {} : { providerMirror: mirror }),
      limits: { wallClockMs: 110_000 },
      credentials: {
        current: async () => {
          asked += 1;
          return undefined;
        },
      },
    });
    await writeFile(
      join(workDir, 'main.tf'),
      'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nprovider "aws" {\n  region = "us-east-1"\n}\ndata "aws_caller_identity" "me" {}\n',
    );
    let output = '';
    for (const argv of [['init'], ['plan', '-no-color']]) {
      await sandbox.run({
        argv: ['terraform', ...argv],
        environment: {},
        onOutput: (bytes) => {
          output += Buffer.from(bytes).toString();
        },
      });
    }
    expect(output.replace(/\s+/g, ' ')).toContain('This run has no AWS session');
    expect(asked).toBeGreaterThan(0);
  },
);
