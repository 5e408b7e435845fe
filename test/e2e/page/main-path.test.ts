import { readRun } from '@gatehouse/dev/run-client';
import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallConfiguration } from '../stack.ts';
import {
  addMember,
  addressOf,
  codeField,
  hasFocus,
  lock,
  openSite,
  type Person,
  panel,
  type Site,
  sendCode,
  signIn,
  typeCode,
  untilStatus,
  visit,
} from './visit.ts';

// What a person does with the page from the address that the CLI prints to the end of the apply, in a real Chromium.

let site: Site;
let owner: Person;
let member: Person;
beforeAll(async () => {
  site = await openSite();
  owner = site.gatehouse.stack.dev;
  member = await addMember(site.gatehouse, 'carol', 'member');
});
afterAll(() => site.stop());

const settingsOf = (workspace: string) => `/terraform/demo/environments/${workspace}/settings`;

describe('a cold load', () => {
  test('of every address that stood in a mail answers 200, asks who one is, and goes on there with its hash', async () => {
    const { gatehouse } = site;
    const id = await gatehouse.workspace('cold', { 'mfa-level': 'plans_and_applies' });
    const run = await gatehouse.queueRun(id, smallConfiguration);
    const addresses = [
      `${addressOf(gatehouse, 'cold', run)}?view=log#plan-L1`,
      settingsOf('cold'),
      '/settings/organization_variables?organization=demo',
    ];
    for (const address of addresses) {
      const { page, context, complaints } = await visit(site);
      const answer = await page.goto(address);
      expect(answer?.status(), address).toBe(200);
      await page.waitForURL((url) => url.pathname === '/sign-in');
      expect(new URL(page.url()).searchParams.get('next')).toBe(address);
      await signIn(page, owner);
      await page.waitForURL((url) => url.pathname + url.search + url.hash === address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  test('leads to no other host after signing in', async () => {
    const { page, context } = await visit(site);
    await page.goto(`/sign-in?next=${encodeURIComponent('//example.com/')}`);
    await signIn(page, owner);
    await page.getByRole('heading', { name: /^Waiting for you/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    await context.close();
  });
});

describe('the level of codes', () => {
  const label = 'AWS Multi-Factor Authentication';
  const warning =
    'Submitting a code for an apply starts changes to active infrastructure without a further confirmation.';

  test('is set by an owner with the drop-down and Save, beside its warning; an open run keeps its own', async () => {
    const { gatehouse } = site;
    const id = await gatehouse.workspace('level', { 'mfa-level': 'plans_and_applies' });
    const open = await gatehouse.queueRun(id, smallConfiguration);
    const { page, context, complaints } = await visit(site, owner);
    await page.goto(settingsOf('level'));
    const level = page.getByLabel(label, { exact: true });
    await level.waitFor();
    expect(await level.locator('option').allTextContents()).toEqual(['never', 'applies only', 'plans and applies']);
    expect(await level.inputValue()).toBe('plans_and_applies');
    expect(await page.getByText(warning).isVisible()).toBe(true);
    await level.selectOption({ label: 'never' });
    await page.getByText(/1 open run keeps/).waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await level.waitFor();
    expect(await level.inputValue()).toBe('never');
    expect((await readRun(gatehouse.api, open.id)).attributes['gatehouse-status']).toBe('awaiting_mfa');
    await page.goto(addressOf(gatehouse, 'level', open));
    await page.getByText('level: plans and applies').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('is not for a member to save, in the page or past it', async () => {
    const { gatehouse } = site;
    const id = await gatehouse.workspace('not-yours', { 'mfa-level': 'plans_and_applies' });
    const { page, context } = await visit(site, member);
    await page.goto(settingsOf('not-yours'));
    const level = page.getByLabel(label, { exact: true });
    await level.waitFor();
    expect(await level.isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
    await page.getByText('An owner can: demo.').waitFor();
    expect(await page.getByText(warning).isVisible()).toBe(true);
    const answer = await context.request.patch(`/api/v2/workspaces/${id}`, {
      headers: { 'content-type': 'application/vnd.api+json', origin: gatehouse.stack.url },
      data: JSON.stringify({ data: { type: 'workspaces', attributes: { 'mfa-level': 'never' } } }),
    });
    expect(answer.status()).toBe(403);
    await context.close();
  });
});

describe('a run', () => {
  test('goes from the page through a refused code and two good ones to applied, and no code stays anywhere', async () => {
    const { gatehouse } = site;
    const visitor = await visit(site, owner);
    const { page, context, complaints, requests } = visitor;
    const said: string[] = [];
    context.on('console', (message) => said.push(message.text()));

    // Queued from the page; the demo workspace has a configuration.
    await page.goto('/app/demo/demo');
    await page.getByRole('button', { name: 'Queue a run' }).click();
    await page.getByLabel('Message').fill('raise the walls');
    await page.getByRole('button', { name: 'Queue the run' }).click();
    await untilStatus(page, 'awaiting_plan_mfa');
    const address = new URL(page.url()).pathname;
    const run = await readRun(gatehouse.api, address.split('/').at(-1) ?? '');
    expect(address).toBe(addressOf(gatehouse, 'demo', run));

    // From the CLI's address: the field has the focus, and no click comes before.
    await page.goto(address);
    await page.waitForSelector(`${panel} ${lock}[data-state=waiting]`);
    expect(await hasFocus(page, codeField)).toBe(true);
    expect(await page.title()).toBe('Code needed · demo · Gatehouse');
    await page.getByText('5 tries left.').waitFor();

    // A wrong one, held at the door to see the checking, and pressed again meanwhile.
    const wrong = await gatehouse.wrongCode();
    const held = await holdCodes(page);
    await page.keyboard.type(wrong);
    expect(held.count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${panel} ${lock}[data-state=exchanging][aria-busy=true]`);
    await page.keyboard.press('Enter');
    await page.locator(`${panel} button[type=submit]`).click();
    await page.getByRole('button', { name: 'Checking' }).waitFor();
    await held.letGo();
    const refused = page.locator(`${panel} ${lock}[data-state=refused]`);
    await refused.waitFor();
    expect(held.count()).toBe(1);
    expect(await refused.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(179, 38, 30)');
    expect(await refused.locator('svg.tabler-icon-lock-x').count()).toBe(1);
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await page.getByRole('alert').textContent()).toContain('AWS did not accept this code');
    expect(await page.inputValue(codeField)).toBe('');
    expect(await hasFocus(page, codeField)).toBe(true);
    await page.getByText('4 tries left.').waitFor();
    expect(await page.title()).toBe('Refused · demo · Gatehouse');
    await untilStatus(page, 'awaiting_plan_mfa');

    // The next one is right: the plan's log comes while it runs.
    const first = await gatehouse.freshCode();
    await page.keyboard.type(first);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=run-page][data-status=planning] [data-testid=plan-card] [data-line]');
    await untilStatus(page, 'planned');
    await page.getByText('4 to add', { exact: false }).first().waitFor();

    // The apply names what it starts; its code is the confirmation.
    await page.getByText('Pressing Authenticate starts changes to active infrastructure: 4 added.').waitFor();
    expect(await page.locator(`${panel} ${lock}`).getAttribute('data-state')).toBe('waiting');
    const second = await gatehouse.freshCode();
    await sendCode(page, second);
    await page.waitForSelector('[data-testid=run-page][data-status=applying] [data-testid=apply-card] [data-line]');
    await untilStatus(page, 'applied');
    await expectAuthenticated(page);
    await page.reload();
    await expectAuthenticated(page);

    const [exchanged] = (await gatehouse.stsCalls('GetSessionToken')).slice(-1);
    expect(exchanged?.outcome).toBe('ok');
    for (const code of [wrong, first, second]) {
      expect(requests.map((request) => request.url()).join('\n')).not.toContain(code);
      expect(said.join('\n')).not.toContain(code);
      expect(await traces(page)).not.toContain(code);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('shows its refusal to whoever comes later, and has no code of the one who sent it', async () => {
    const { gatehouse } = site;
    const id = await gatehouse.workspace('later', { 'mfa-level': 'plans_and_applies' });
    const run = await gatehouse.queueRun(id, smallConfiguration);
    const sender = await visit(site, owner);
    await sender.page.goto(addressOf(gatehouse, 'later', run));
    const wrong = await gatehouse.wrongCode();
    await sendCode(sender.page, wrong);
    await sender.page.waitForSelector(`${panel} ${lock}[data-state=refused]`);
    // Answered: the field, the page and what it keeps have none of it, before any reload.
    expect(await traces(sender.page)).not.toContain(wrong);
    const other = await visit(site, member);
    await other.page.goto(addressOf(gatehouse, 'later', run));
    await other.page.waitForSelector(`${panel} ${lock}[data-state=refused]`);
    await other.page.getByText('4 tries left.').waitFor();
    await sender.context.close();
    await other.context.close();
  });

  test('sends nothing before the press, however long six digits stand there', async () => {
    const { gatehouse } = site;
    const id = await gatehouse.workspace('patient', { 'mfa-level': 'plans_and_applies' });
    const run = await gatehouse.queueRun(id, smallConfiguration);
    const { page, context, requests } = await visit(site, owner);
    await page.clock.install();
    await page.goto(addressOf(gatehouse, 'patient', run));
    await typeCode(page, '048315');
    await page.clock.runFor(10_000);
    expect(await page.inputValue(codeField)).toBe('048315');
    expect(requests.filter((request) => request.method() === 'POST')).toEqual([]);
    await context.close();
  });
});

/** Holds what sends a code until it is let go. */
async function holdCodes(page: Page): Promise<{ count(): number; letGo(): Promise<void> }> {
  const pattern = '**/actions/authenticate';
  const held: Route[] = [];
  await page.route(pattern, (route) => {
    held.push(route);
  });
  return {
    count: () => held.length,
    async letGo() {
      for (const route of held) await route.continue();
      await page.unroute(pattern);
    },
  };
}

/** M7: beside both phases, and in both logs. */
async function expectAuthenticated(page: Page): Promise<void> {
  for (const phase of ['plan', 'apply'] as const) {
    const card = page.locator(`[data-testid=${phase}-card]`);
    const line = card.locator('[data-testid=lock-line]');
    await line.waitFor();
    expect(await line.locator(lock).getAttribute('data-state')).toBe('authenticated');
    expect(await line.textContent()).toContain('Authenticated with MFA by demo');
  }
  const plan = page.locator('[data-testid=plan-card]');
  const fold = plan.getByRole('button', { name: 'Plan', exact: true });
  if ((await fold.getAttribute('aria-expanded')) === 'false') await fold.click();
  await plan.getByRole('link', { name: 'Log', exact: true }).click();
  for (const phase of ['plan', 'apply'] as const) {
    const log = page.locator(`[data-testid=${phase}-card]`);
    // The head of a log is folded once it is read.
    await log.locator('[aria-expanded]').nth(1).waitFor();
    for (const folded of await log.locator('[aria-expanded=false]').all()) await folded.click();
    await log.getByText('Authenticated with MFA by `demo`').waitFor();
    expect(await log.getByRole('img', { name: 'Written by Gatehouse' }).count()).toBeGreaterThan(0);
  }
}

/** All that the page keeps where one could look: its document with what is typed, its stores, its cookies, its history. */
function traces(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const typed = [...document.querySelectorAll('input')].map(({ value }) => value);
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const caches_ = await caches.keys();
    const entries = performance.getEntries().map(({ name }) => name);
    const kept = [{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href];
    return document.documentElement.outerHTML + JSON.stringify([typed, databases, caches_, entries, kept]);
  });
}
