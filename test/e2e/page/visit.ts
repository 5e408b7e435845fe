import { document } from '@gatehouse/dev/api-client';
import { launchChromium } from '@gatehouse/dev/chromium';
import type { Run } from '@gatehouse/dev/run-client';
import type { RunStatus } from '@gatehouse/shared/run-status';
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';
import { type Gatehouse, startGatehouse } from '../stack.ts';

/** A whole Gatehouse and one browser. */
export type Site = { gatehouse: Gatehouse; browser: Browser; stop(): Promise<void> };

export async function openSite(options: Parameters<typeof startGatehouse>[0] = {}): Promise<Site> {
  const [gatehouse, browser] = await Promise.all([startGatehouse(options), launchChromium(process.env)]);
  return {
    gatehouse,
    browser,
    async stop() {
      await browser.close();
      await gatehouse.stop();
    },
  };
}

export type Person = { username: string; password: string };

/** Somebody's browser, with all that its pages said and asked. */
export type Visit = {
  page: Page;
  context: BrowserContext;
  /** What the console called an error, but for answers that are no 2xx: a broken policy, a broken page. */
  complaints: readonly string[];
  requests: readonly Request[];
};

/** A browser that knows nothing yet; with `person` it is signed in. */
export async function visit(
  { browser, gatehouse }: Site,
  person?: Person,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: gatehouse.stack.url,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  const requests: Request[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(`${message.page()?.url()}: ${message.text()}`);
    }
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('request', (request) => requests.push(request));
  if (person !== undefined) {
    const answer = await context.request.post('/api/v2/session', {
      data: { username: person.username, password: person.password },
      headers: { origin: gatehouse.stack.url },
    });
    if (!answer.ok()) throw new Error(`${person.username} was not let in: ${answer.status()}`);
  }
  return { page: await context.newPage(), context, complaints, requests };
}

/** On the page for it, as a person does. */
export async function signIn(page: Page, { username, password }: Person): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function addMember(
  { api, stack }: Gatehouse,
  username: string,
  role: 'owner' | 'member',
): Promise<Person> {
  const person = { username, password: `the password of ${username}` };
  await api.call(
    'POST',
    `/api/v2/organizations/${stack.dev.organization}/organization-memberships`,
    document('organization-memberships', { ...person, role }),
  );
  return person;
}

/** The address that the terraform CLI prints. */
export function addressOf(gatehouse: Gatehouse, workspace: string, run: Run): string {
  return `/app/${gatehouse.stack.dev.organization}/${workspace}/runs/${run.id}`;
}

export const lock = '[data-testid=mfa-lock]';
export const panel = '[data-testid=code-panel]';
export const codeField = `${panel} input[inputmode=numeric]`;

/**
 * Types a code into the field that has `selector`, without sending it. The tests' device runs ahead of the clock, so
 * what the page says of the half minute that is spent is answered as a person with such a device would.
 */
export async function typeCode(page: Page, code: string, selector: string = codeField): Promise<void> {
  const field = page.locator(selector);
  await field.waitFor();
  // The notice ends with its half minute, maybe just now.
  const trust = page.getByRole('button', { name: 'My device shows another one' });
  if (await trust.isVisible()) await trust.click({ timeout: 2_000 }).catch(() => undefined);
  await field.focus();
  await page.keyboard.type(code);
}

export async function sendCode(page: Page, code: string, selector?: string): Promise<void> {
  await typeCode(page, code, selector);
  await page.keyboard.press('Enter');
}

/** Resolves when the open run page shows one of these statuses. */
export async function untilStatus(page: Page, ...statuses: readonly RunStatus[]): Promise<void> {
  const selector = statuses.map((status) => `[data-testid=run-page][data-status=${status}]`).join(', ');
  await page.waitForSelector(selector, { timeout: 60_000 });
}

export function hasFocus(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((element) => element === element.ownerDocument.activeElement);
}
