import { type Run, readRun, waitForRun } from '@gatehouse/dev/run-client';
import type { Locator, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallConfiguration } from '../stack.ts';
import {
  addMember,
  addressOf,
  codeField,
  lock,
  openSite,
  type Person,
  panel,
  type Site,
  sendCode,
  typeCode,
  untilStatus,
  visit,
} from './visit.ts';

// One code for several runs, several people and tabs for one code.

const groupField = '[data-testid=wait-group] input[inputmode=numeric]';

let site: Site;
let owner: Person;
let bob: Person;
beforeAll(async () => {
  site = await openSite({ workerEnvironment: { GATEHOUSE_CONCURRENCY: '3' } });
  owner = site.gatehouse.stack.dev;
  bob = await addMember(site.gatehouse, 'bob', 'member');
});
afterAll(() => site.stop());

async function waitingPlan(workspace: string, attributes: Record<string, unknown> = {}): Promise<Run> {
  const { gatehouse } = site;
  const id = await gatehouse.workspace(workspace, { 'mfa-level': 'plans_and_applies' });
  return gatehouse.queueRun(id, smallConfiguration, attributes);
}

/** A plan whose apply waits for a code, once with things to add and once to destroy what was added. */
async function waitingApplies(): Promise<{ adding: Run; destroying: Run }> {
  const { gatehouse } = site;
  const adding = await gatehouse.queueRun(
    await gatehouse.workspace('adding', { 'mfa-level': 'applies_only' }),
    smallConfiguration,
  );
  const id = await gatehouse.workspace('destroying', { 'mfa-level': 'never' });
  const made = await gatehouse.queueRun(id, smallConfiguration, { 'auto-apply': true });
  await waitForRun(gatehouse.api, made.id, ['applied']);
  await gatehouse.api.call('PATCH', `/api/v2/workspaces/${id}`, {
    data: { type: 'workspaces', attributes: { 'mfa-level': 'applies_only' } },
  });
  const destroying = await gatehouse.queueRun(id, smallConfiguration, { 'is-destroy': true });
  for (const run of [adding, destroying]) await waitForRun(gatehouse.api, run.id, ['planned']);
  return { adding, destroying };
}

const rowOf = (page: Page, run: Run): Locator => page.locator(`[data-testid=wait-row][data-run=${run.id}]`);
const boxOf = (page: Page, run: Run): Locator => rowOf(page, run).getByRole('checkbox');

describe('one code', () => {
  test('releases the plans that came ticked, with one call to STS; no apply is ticked, none that destroys can be', async () => {
    const { gatehouse } = site;
    const { adding, destroying } = await waitingApplies();
    const plans = [
      await waitingPlan('plan-1', { 'plan-only': true }),
      await waitingPlan('plan-2', { 'plan-only': true }),
    ];
    const { page, context, complaints } = await visit(site, owner);
    await page.goto('/');
    await page.waitForFunction(() => document.title === '(4) Waiting for you · Gatehouse');
    for (const run of plans) expect(await boxOf(page, run).isChecked()).toBe(true);
    expect(await boxOf(page, adding).isChecked()).toBe(false);
    expect(await boxOf(page, destroying).isDisabled()).toBe(true);
    await rowOf(page, destroying).getByText('destroys: open to confirm').waitFor();

    // A new one comes by itself, ticked as long as nobody is at the code.
    const third = await waitingPlan('plan-3', { 'plan-only': true });
    await page.waitForFunction(() => document.title === '(5) Waiting for you · Gatehouse');
    expect(await boxOf(page, third).isChecked()).toBe(true);
    await page.getByText('Starts 3 plans, 0 applies.').waitFor();
    // One that comes while somebody is at the code does not start with it.
    await typeCode(page, await gatehouse.freshCode(), groupField);
    const late = await waitingPlan('plan-4', { 'plan-only': true });
    await rowOf(page, late).waitFor();
    expect(await boxOf(page, late).isChecked()).toBe(false);
    await page.getByText('Starts 3 plans, 0 applies.').waitFor();

    const before = (await gatehouse.stsCalls('GetSessionToken')).length;
    await page.keyboard.press('Enter');
    for (const run of [...plans, third]) {
      await page.waitForSelector(`[data-run=${run.id}][data-outcome=authenticated]`);
      await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
    }
    expect((await gatehouse.stsCalls('GetSessionToken')).length).toBe(before + 1);
    for (const run of [adding, destroying, late]) {
      expect((await readRun(gatehouse.api, run.id)).attributes['gatehouse-status']).toMatch(/^(planned|awaiting_mfa)$/);
    }
    await page.waitForFunction(() => document.title === '(3) Waiting for you · Gatehouse');

    // An apply is ticked by hand, and then the consent to it is said.
    await boxOf(page, late).uncheck();
    await boxOf(page, adding).check();
    await page.getByText('Pressing Authenticate starts changes to active infrastructure.').waitFor();
    await sendCode(page, await gatehouse.freshCode(), groupField);
    await waitForRun(gatehouse.api, adding.id, ['applied']);

    // What destroys asks for the environment's name on its own page, and keeps the digits while it is wrong.
    await rowOf(page, destroying).getByRole('link', { name: 'Open' }).click();
    const name = page.getByTestId('confirm-name');
    await name.fill('destroyin');
    const code = await gatehouse.freshCode();
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await sendCode(page, code);
    await page.getByText('Type destroying above first.').waitFor();
    expect(await page.inputValue(codeField)).toBe(code);
    expect(sent).toEqual([]);
    const past = await context.request.post(`/api/v2/runs/${destroying.id}/actions/authenticate`, {
      headers: { origin: gatehouse.stack.url },
      data: { 'token-code': code },
    });
    expect(past.status()).toBe(422);
    expect(await past.text()).toContain('confirm_name_required');
    await name.fill('destroying');
    await page.locator(codeField).press('Enter');
    await untilStatus(page, 'applied');
    await gatehouse.api.call('POST', `/api/v2/runs/${late.id}/actions/cancel`, {});
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('a code that was accepted', () => {
  test('is known to be spent in every other tab of its device, until the half minute is over', async () => {
    const { gatehouse } = site;
    const [first, second] = [await waitingPlan('tab-1'), await waitingPlan('tab-2')];
    const one = await visit(site, owner);
    await one.page.goto(addressOf(gatehouse, 'tab-1', first));
    const other = await visit(site, bob);
    await other.page.clock.install();
    await other.page.goto(addressOf(gatehouse, 'tab-2', second));
    const press = other.page.locator(`${panel} button[type=submit]`);
    // What earlier tests spent.
    await untilNewHalfMinute(other.page, press);
    await other.page.waitForSelector('header [data-testid=live-indicator][data-state=live]');
    await sendCode(one.page, await gatehouse.freshCode());
    await other.page.getByText(/^demo used this code for tab-1\. New one in \d+ s\./).waitFor();
    expect(await press.getAttribute('aria-disabled')).toBe('true');
    await untilNewHalfMinute(other.page, press);
    await one.context.close();
    await other.context.close();
  });

  test('of two people at once is the one that counts: the other reads who was first, and AWS is asked once', async () => {
    const { gatehouse } = site;
    // Nothing comes after its plan: who is late reads what became of his digits until the run waits for the next code.
    const run = await waitingPlan('both', { 'plan-only': true });
    const one = await visit(site, owner);
    const other = await visit(site, bob);
    for (const { page } of [one, other]) await page.goto(addressOf(gatehouse, 'both', run));
    const code = await gatehouse.freshCode();
    const before = (await gatehouse.stsCalls('GetSessionToken')).length;
    // Bob has pressed; his digits are on their way when the owner's are accepted.
    const onTheWay = new Promise<Route>((resolve) => void other.page.route('**/actions/authenticate', resolve));
    await sendCode(other.page, code);
    const held = await onTheWay;
    await sendCode(one.page, code);
    await one.page.waitForSelector(`[data-testid=plan-card] ${lock}[data-state=authenticated]`);
    await held.continue();
    const alert = other.page.getByRole('alert').filter({ hasText: 'This run no longer waits for a code' });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('demo was first. Your digits were not sent to AWS.');
    await other.page.getByText('Authenticated with MFA by demo').waitFor();
    expect((await gatehouse.stsCalls('GetSessionToken')).length).toBe(before + 1);
    await one.context.close();
    await other.context.close();
  });
});

/** Moves the page's clock on until the button is on. */
async function untilNewHalfMinute(page: Page, press: Locator): Promise<void> {
  await press.waitFor();
  if ((await press.getAttribute('aria-disabled')) === 'true') await page.clock.fastForward(30_000);
  await page.waitForSelector(`${panel} button[type=submit][aria-disabled=false]`);
}
