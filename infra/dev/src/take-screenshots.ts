// `npm run screenshots`: the pictures of docs/images, made anew from a stack of its own, light and dark.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshCode, wrongCode } from '@gatehouse/sts-emulator/fresh-code';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { inheritedEnvironment } from './config.ts';
import { buildScene, type Scene } from './screenshot-scene.ts';
import { type Stack, startStack } from './stack.ts';

const images = fileURLToPath(new URL('../../../docs/images', import.meta.url));
const width = 1280;
const leastHeight = 600;
const codeField = 'input[inputmode=numeric]';
const lock = '[data-testid=code-panel] [data-testid=mfa-lock]';

const dataDirectory = await mkdtemp(path.join(tmpdir(), 'gatehouse-pictures-'));
let stack: Stack | undefined;
let browser: Browser | undefined;
try {
  await mkdir(images, { recursive: true });
  stack = await startStack({
    dataDirectory,
    environment: inheritedEnvironment(process.env),
    workers: 2,
    workerEnvironment: { GATEHOUSE_DRAIN_SECONDS: '1', GATEHOUSE_CONCURRENCY: '2' },
    onWarning: (line) => process.stderr.write(`${line}\n`),
  });
  browser = await launchChromium(process.env);
  const scene = await buildScene(stack);
  await showRun(browser, stack, scene);
  await showQueue(browser, stack, scene);
} catch (error) {
  process.stderr.write(`The pictures were not made. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  await stack?.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
process.exit();

/** What waits for alice, and one run from its first code to its end. */
async function showRun(browser: Browser, { url, dev }: Stack, { organization, alice, waiting }: Scene): Promise<void> {
  const device = { emulatorUrl: dev.stsUrl, serial: dev.mfaSerial, secretBase32: dev.mfaSecret };
  const page = await openSignedIn(browser, url, alice);
  await page.getByText('Starts 2 plans, 0 applies.').waitFor();
  await take(page, 'waiting');

  await page.goto(`/app/${organization}/network-prod/runs/${waiting.id}`);
  await page.locator('[data-line]').first().waitFor();
  await take(page, 'run-waiting');

  await send(page, await wrongCode(device));
  await page.waitForSelector(`${lock}[data-state=refused]`);
  await take(page, 'run-refused');

  await send(page, await freshCode(device));
  await page.waitForSelector('[data-testid=run-page][data-status=planned]');
  await page.getByRole('button', { name: /replace terraform_data/ }).waitFor();
  // The device that the picture is of shows a new code only in the next half minute.
  const spent = page.getByRole('button', { name: 'My device shows another one' });
  await spent.waitFor({ state: 'detached', timeout: 40_000 });
  await take(page, 'run-planned');

  await page.getByTestId('confirm-name').fill('network-prod');
  await send(page, await freshCode(device));
  await page.waitForSelector('[data-testid=run-page][data-status=applied]');
  await page.locator('[data-testid=apply-card] [data-line]').first().waitFor();
  await page.locator('[data-testid=apply-card] [data-testid=live-indicator]').waitFor({ state: 'detached' });
  await take(page, 'run-applied');
  await page.context().close();
}

async function showQueue(browser: Browser, { url, dev }: Stack, scene: Scene): Promise<void> {
  await scene.startLongApply();
  const page = await openSignedIn(browser, url, dev);
  await page.goto('/queue');
  await page.getByRole('button', { name: '1 h', exact: true }).click();
  await page.getByRole('table', { name: 'Workers' }).getByText('Working').waitFor();
  await page.locator('main svg[role=img], main figure, main canvas').first().waitFor();
  await take(page, 'queue');
  await page.context().close();
}

async function openSignedIn(
  browser: Browser,
  url: string,
  person: { username: string; password: string },
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: leastHeight },
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill(person.username);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((to) => to.pathname === '/');
  return page;
}

async function send(page: Page, code: string): Promise<void> {
  await page.locator(codeField).fill(code);
  await page.locator(codeField).press('Enter');
}

/** The whole page, in both themes. */
async function take(page: Page, name: string): Promise<void> {
  // As high as the page is: what is out of view, such as the lines of a log, is not drawn.
  await page.setViewportSize({ width, height: leastHeight });
  const height: unknown = await page.evaluate('document.documentElement.scrollHeight');
  await page.setViewportSize({ width, height: Math.max(leastHeight, Number(height)) });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.mouse.move(0, 0);
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    await page.screenshot({ path: path.join(images, `${name}-${colorScheme}.png`), fullPage: true, caret: 'hide' });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  process.stdout.write(`${name}\n`);
}
