import { waitForRun } from '@gatehouse/dev/run-client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallConfiguration } from '../stack.ts';
import { addressOf, codeField, openSite, panel, type Site, untilStatus, visit } from './visit.ts';

// The keyboard alone is enough, and nothing but the person moves the focus.

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.stop());

test('the code has one field, named after its device', async () => {
  const { gatehouse } = site;
  const id = await gatehouse.workspace('named', { 'mfa-level': 'plans_and_applies' });
  const run = await gatehouse.queueRun(id, smallConfiguration, { 'plan-only': true });
  const { page, context } = await visit(site, gatehouse.stack.dev);
  await page.goto(addressOf(gatehouse, 'named', run));
  await page.locator(codeField).waitFor();
  const field = page.locator(panel).getByRole('textbox');
  expect(await field.count()).toBe(1);
  expect(
    await page
      .locator(panel)
      .getByRole('textbox', { name: /^Code from MFA device …\d{4}:mfa\// })
      .count(),
  ).toBe(1);
  await gatehouse.api.call('POST', `/api/v2/runs/${run.id}/actions/cancel`, {});
  await context.close();
});

test('by keyboard alone one signs in, releases what waits, reads a plan, discards it, cancels a run and changes a level', async () => {
  const { gatehouse } = site;
  const { username, password } = gatehouse.stack.dev;
  const gated = await gatehouse.workspace('network-prod', { 'mfa-level': 'plans_and_applies' });
  const waiting = await gatehouse.queueRun(gated, smallConfiguration);
  const pending = await gatehouse.queueRun(gated, smallConfiguration);
  await gatehouse.workspace('brand-new', { 'mfa-level': 'never' });
  const { page, context, complaints } = await visit(site);
  const { keyboard } = page;
  await page.goto('/');
  await page.getByLabel('User name').waitFor();
  await tabTo(page, 'User name');
  await keyboard.type(username);
  await tabTo(page, 'Password');
  await keyboard.type(password);
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Waiting for you/ }).waitFor();

  // The plan comes ticked, so its code is all that is needed.
  await page.getByText('Starts 1 plan, 0 applies.').waitFor();
  await tabTo(page, 'Code from MFA device');
  await keyboard.type(await gatehouse.freshCode());
  await keyboard.press('Enter');
  await waitForRun(gatehouse.api, waiting.id, ['planned']);

  await page.locator(`[data-run=${waiting.id}]`).filter({ hasText: 'apply' }).waitFor();
  await tabTo(page, 'Open network-prod, apply');
  await keyboard.press('Enter');
  await untilStatus(page, 'planned');
  await tabTo(page, 'terraform_data.one');
  await tabTo(page, 'Discard plan');
  await keyboard.press('Enter');
  await tabTo(page, 'Discard plan');
  await keyboard.press('Enter');
  await untilStatus(page, 'discarded');

  await page.goto(addressOf(gatehouse, 'network-prod', pending));
  await untilStatus(page, 'awaiting_plan_mfa');
  await tabTo(page, 'Cancel run');
  await keyboard.press('Enter');
  await tabTo(page, 'Cancel run');
  await keyboard.press('Enter');
  await untilStatus(page, 'canceled');

  await page.goto('/terraform/demo/environments/brand-new/settings');
  await page.getByLabel('AWS Multi-Factor Authentication').waitFor();
  await tabTo(page, 'AWS Multi-Factor Authentication');
  await keyboard.type('plans');
  await tabTo(page, 'Save');
  await keyboard.press('Enter');
  await page.getByText('Saved.').waitFor();
  expect(await page.getByLabel('AWS Multi-Factor Authentication').inputValue()).toBe('plans_and_applies');
  expect(complaints).toEqual([]);
  await context.close();
});

test('a phase that begins or ends does not move the focus', async () => {
  const { gatehouse } = site;
  const id = await gatehouse.workspace('steady', { 'mfa-level': 'plans_and_applies' });
  const run = await gatehouse.queueRun(id, smallConfiguration, { 'plan-only': true });
  const { page, context } = await visit(site, gatehouse.stack.dev);
  await page.goto(addressOf(gatehouse, 'steady', run));
  await page.locator(codeField).waitFor();
  const find = page.getByRole('searchbox', { name: 'Find in plan log' });
  await find.focus();
  await gatehouse.authenticate(run);
  await untilStatus(page, 'plan_queued', 'planning');
  expect(await find.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  await context.close();
});

/** Tab until what is called so has the focus, which can be seen all the way. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let steps = 0; steps < 80; steps++) {
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return undefined;
      // Where a new page puts it, for those who hear it: no stop of its own.
      if (element.tabIndex === -1) return undefined;
      const labels = 'labels' in element && element.labels instanceof NodeList ? [...element.labels] : [];
      const words = labels.map(({ textContent }) => textContent ?? '');
      const called = element.getAttribute('aria-label') ?? [...words, element.textContent ?? ''].join(' ').trim();
      // A ring may be drawn by what is around a field, such as the six cells of a code.
      const rings = [element, element.parentElement, element.nextElementSibling?.firstElementChild].flatMap((one) => {
        if (!(one instanceof HTMLElement)) return [];
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return [outlineStyle !== 'none' && outlineWidth !== '0px', boxShadow !== 'none'];
      });
      return { called, isSeen: rings.includes(true), html: element.outerHTML };
    });
    if (at !== undefined) expect(at.isSeen, `the focus on ${at.html.slice(0, 200)}`).toBe(true);
    if (at?.called.includes(name) === true) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`No way leads to "${name}" by Tab.`);
}
