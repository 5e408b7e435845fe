import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { promisify, stripVTControlCharacters } from 'node:util';
import { launchChromium } from '@gatehouse/dev/chromium';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makePrivateCa } from '../../packages/api/test/private-ca.ts';
import { signIn } from './page/visit.ts';
import { type Gatehouse, startGatehouse } from './stack.ts';

// The real `terraform login`, in a terminal, with a browser, over TLS with a CA that only this test knows.

let folder: string;
let gatehouse: Gatehouse;
let browser: Browser;
let page: Page;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gh-login-'));
  const { caFile, certFile, keyFile } = await makePrivateCa(folder);
  // This process asks the api too, and its environment is read when it starts only.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), await readFile(caFile, 'utf8')]);
  const files = { caFile, certFile, keyFile };
  [gatehouse, browser] = await Promise.all([startGatehouse({ tls: files }), launchChromium(process.env)]);
  const context = await browser.newContext({ baseURL: gatehouse.stack.url, ignoreHTTPSErrors: true });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  environment = await terraformEnvironment(caFile);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await browser?.close();
  await gatehouse?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A home of its own, and a PATH without a browser: terraform prints its address then, instead of opening one. */
async function terraformEnvironment(caFile: string): Promise<Record<string, string>> {
  const programs = path.join(folder, 'bin');
  await mkdir(programs);
  await symlink(findTerraform(), path.join(programs, 'terraform'));
  const home = path.join(folder, 'home');
  // terraform makes it when it asks whether there is a newer version, which it may not do here.
  await mkdir(path.join(home, '.terraform.d'), { recursive: true });
  const quiet = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TERM: 'dumb' };
  return { ...quiet, PATH: programs, HOME: home, SHELL: '/bin/sh', SSL_CERT_FILE: caFile };
}

function findTerraform(): string {
  const found = (process.env['PATH'] ?? '').split(path.delimiter).find((place) => {
    try {
      accessSync(path.join(place, 'terraform'), constants.X_OK);
      return place !== '';
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('terraform is not on PATH.');
  return path.join(found, 'terraform');
}

const toTerraform = /^http:\/\/localhost:\d+\/login\?/;
const children: ChildProcess[] = [];

/** A program in a pseudo-terminal: `terraform login` wants somebody to type "yes". */
function inTerminal(command: string) {
  const child = spawn('/usr/bin/script', ['-qefc', command, '/dev/null'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  const ended = once(child, 'close').then(([code]) => code);
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output);
        if (found !== null) resolve(found);
      };
      child.stdout.on('data', look);
      look();
      void ended.then(() => reject(new Error(`It ended without ${pattern}:\n${output}`)));
    });
  child.stdout.setEncoding('utf8').prependListener('data', (text: string) => {
    output += text;
  });
  return {
    ended,
    until,
    type: (text: string) => child.stdin.write(text),
    hangUp: () => child.kill('SIGKILL'),
    output: () => output,
  };
}

async function terraform(...args: string[]): Promise<{ code: number; output: string }> {
  const cwd = path.join(folder, 'configuration');
  try {
    const { stdout, stderr } = await promisify(execFile)('terraform', args, { cwd, env: environment });
    return { code: 0, output: stripVTControlCharacters(stdout + stderr) };
  } catch (error) {
    const { code, stdout, stderr } = failure.parse(error);
    return { code, output: stripVTControlCharacters(stdout + stderr) };
  }
}
const failure = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

const credentialsFile = () => path.join(folder, 'home/.terraform.d/credentials.tfrc.json');

async function savedToken(host: string): Promise<string> {
  const { credentials } = z
    .object({ credentials: z.record(z.string(), z.object({ token: z.string() })) })
    .parse(JSON.parse(await readFile(credentialsFile(), 'utf8')));
  return credentials[host]?.token ?? '';
}

test('a person logs terraform in on the page, plans with its token, and takes it away again', async () => {
  const { stack, workspace } = gatehouse;
  const { host } = new URL(stack.url);
  await workspace('laptop', { 'mfa-level': 'never' });

  const login = inTerminal(`terraform login ${host}`);
  await login.until(/Enter a value:/);
  login.type('yes\n');
  const [address] = await login.until(/https:\/\/localhost:\d+\/oauth\/authorization\?\S+/);
  await login.until(/Terraform will now wait/);

  await page.goto(address);
  await page.getByText('You will go on to terraform login.').waitFor();
  await signIn(page, stack.dev);
  await page.getByRole('heading', { name: 'Terraform asks to act as you' }).waitFor();
  expect(page.url()).toBe(address);
  await page.getByLabel('The token expires after').selectOption('30 days');
  // terraform may close its server before it has answered, so that it is asked is what can be awaited.
  const answered = page.waitForRequest(toTerraform);
  await page.getByRole('button', { name: 'Allow' }).click();
  const code = new URL((await answered).url()).searchParams.get('code') ?? '';
  expect(await login.ended, login.output()).toBe(0);
  expect(login.output()).toContain('Terraform has obtained and saved an API token.');
  const token = await savedToken(host);
  expect(token).toMatch(/^gh_[\w-]{43}$/);
  expect(code).toMatch(/^ghc_[\w-]{43}$/);

  await mkdir(path.join(folder, 'configuration'));
  await writeFile(
    path.join(folder, 'configuration/main.tf'),
    `terraform {
      cloud {
        hostname     = "${host}"
        organization = "${stack.dev.organization}"
        workspaces { name = "laptop" }
      }
    }
    resource "terraform_data" "one" { input = "first" }
    `,
  );
  expect(await terraform('init', '-no-color')).toMatchObject({ code: 0 });
  const plan = await terraform('plan', '-no-color');
  expect(plan.output).toContain('Plan: 1 to add, 0 to change, 0 to destroy.');
  expect(plan.code).toBe(0);

  await page.goto('/app/settings/tokens');
  await page.getByRole('button', { name: 'Revoke terraform login' }).click();
  await page.getByRole('button', { name: 'Revoke token' }).click();
  await page.getByRole('button', { name: 'Revoke terraform login' }).waitFor({ state: 'detached' });
  const refused = await terraform('plan', '-no-color');
  expect(refused.code).not.toBe(0);
  expect(refused.output).toMatch(/unauthorized/i);

  const logs = await allLogs(stack.logFolder);
  expect(logs).toContain('"/oauth/token"');
  for (const secret of [token, code]) expect(logs).not.toContain(secret);
});

test('a person who denies it sends terraform away with nothing', async () => {
  const { host } = new URL(gatehouse.stack.url);
  await rm(credentialsFile(), { force: true });
  const login = inTerminal(`terraform login ${host}`);
  await login.until(/Enter a value:/);
  login.type('yes\n');
  const [address] = await login.until(/https:\/\/localhost:\d+\/oauth\/authorization\?\S+/);
  await login.until(/Terraform will now wait/);
  await page.goto(address);
  const answered = page.waitForRequest(toTerraform);
  await page.getByRole('button', { name: 'Deny' }).click();
  const answer = new URL((await answered).url()).searchParams;
  expect(answer.get('error')).toBe('access_denied');
  expect(answer.get('state')).toBe(new URL(address).searchParams.get('state'));
  expect(answer.has('code')).toBe(false);
  // terraform 1.11 answers such a request with 400 and waits on, deaf to Ctrl-C, until its terminal is gone.
  login.hangUp();
  await login.ended;
  await expect(readFile(credentialsFile())).rejects.toThrow('ENOENT');
});

async function allLogs(logFolder: string): Promise<string> {
  const texts = (await readdir(logFolder)).map((name) => readFile(path.join(logFolder, name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}
