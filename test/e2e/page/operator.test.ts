import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallConfiguration } from '../stack.ts';
import { addMember, openSite, type Person, type Site, visit } from './visit.ts';

// Who operates Gatehouse: sees the queue, stops and starts it, lets a worker go, and it stands in the audit log.

let site: Site;
let owner: Person;
let member: Person;
beforeAll(async () => {
  site = await openSite();
  owner = site.gatehouse.stack.dev;
  member = await addMember(site.gatehouse, 'carol', 'member');
});
afterAll(() => site.stop());

async function untilTile(page: Page, name: string, value: string): Promise<void> {
  const tile = page.getByTestId('queue-tiles').locator('div').filter({ hasText: name });
  await tile.filter({ has: page.locator('dd', { hasText: new RegExp(`^${value}$`) }) }).waitFor();
}

/** Presses a button, and the one that the question then offers for it. */
async function confirm(page: Page, button: string, action: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: action, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe('the queue page', () => {
  test('counts what waits and what runs, live; pausing holds runs back until somebody resumes them', async () => {
    const { gatehouse } = site;
    const { page, context, complaints } = await visit(site, owner);
    await page.goto('/queue');
    await untilTile(page, 'Waiting for a code', '0');
    await untilTile(page, 'Running', '0/\\d+');
    const gated = await gatehouse.workspace('gated', { 'mfa-level': 'plans_and_applies' });
    const waiting = await gatehouse.queueRun(gated, smallConfiguration);
    await untilTile(page, 'Waiting for a code', '1');
    await page.getByRole('table', { name: 'Runs that are not over' }).locator(`tr[data-row=${waiting.id}]`).waitFor();

    // The question has the focus on the way back, and Escape takes it.
    await page.getByRole('button', { name: 'Pause runs' }).click();
    const question = page.getByRole('alertdialog', { name: 'Pause runs of everybody' });
    await question.getByText('Runs wait in the queue; running ones finish.').waitFor();
    const safe = question.getByRole('button', { name: 'Let them run' });
    expect(await safe.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });

    await confirm(page, 'Pause runs', 'Pause runs');
    await page.getByText('Runs are paused by demo').waitFor();
    const open = await gatehouse.workspace('open', { 'mfa-level': 'never' });
    const held = await gatehouse.queueRun(open, smallConfiguration, { 'plan-only': true });
    await untilTile(page, 'Queued', '1');
    expect((await readRun(gatehouse.api, held.id)).attributes['gatehouse-status']).toBe('plan_queued');
    await confirm(page, 'Resume runs', 'Resume runs');
    await waitForRun(gatehouse.api, held.id, ['planned_and_finished']);
    await page.getByText('Runs are paused by demo').waitFor({ state: 'detached' });
    await untilTile(page, 'Queued', '0');

    // A run is ended from here too.
    await page.getByRole('button', { name: `Cancel ${waiting.id}` }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel run' }).click();
    await untilTile(page, 'Waiting for a code', '0');
    expect((await readRun(gatehouse.api, waiting.id)).attributes['gatehouse-status']).toBe('canceled');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('pauses codes: none is spent, and the page says who paused them', async () => {
    const { gatehouse } = site;
    const id = await gatehouse.workspace('codes', { 'mfa-level': 'plans_and_applies' });
    const run = await gatehouse.queueRun(id, smallConfiguration, { 'plan-only': true });
    const { page, context } = await visit(site, owner);
    await page.goto('/queue');
    await confirm(page, 'Pause codes', 'Pause codes');
    await page.getByText('Codes are paused by demo').waitFor();
    const other = await visit(site, member);
    await other.page.goto(`/app/demo/codes/runs/${run.id}`);
    const code = await gatehouse.freshCode();
    await other.page.locator('input[inputmode=numeric]').fill(code);
    await other.page.keyboard.press('Enter');
    await other.page.getByRole('alert').filter({ hasText: 'Codes are paused by `demo`' }).waitFor();
    await confirm(page, 'Resume codes', 'Resume codes');
    // The same digits: nothing was spent.
    await other.page.locator('input[inputmode=numeric]').fill(code);
    await other.page.keyboard.press('Enter');
    await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
    await context.close();
    await other.context.close();
  });

  test('drains a worker, which then takes nothing, and lets it work again', async () => {
    const { gatehouse } = site;
    const { page, context } = await visit(site, owner);
    await page.goto('/queue');
    await confirm(page, 'Drain worker', 'Drain worker');
    await page.getByRole('table', { name: 'Workers' }).getByText('Draining').waitFor();
    await page.getByRole('button', { name: 'Stop drain of worker' }).click();
    await page.getByRole('table', { name: 'Workers' }).getByText('Idle').waitFor();
    const id = await gatehouse.workspace('after', { 'mfa-level': 'never' });
    const run = await gatehouse.queueRun(id, smallConfiguration, { 'plan-only': true });
    await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
    await context.close();
  });

  test('is nothing for a member, nor are the raw queues', async () => {
    const { page, context } = await visit(site, member);
    await page.goto('/queue');
    await page.getByRole('heading', { name: 'Nothing here, or not for you' }).waitFor();
    expect(await page.getByRole('link', { name: 'Queue' }).count()).toBe(0);
    const answer = await page.goto('/queue-raw/');
    expect(answer?.status()).toBe(403);
    await context.close();
  });
});

test('the audit log has each of it with a name, and can be filtered', async () => {
  const { page, context, complaints } = await visit(site, owner);
  await page.goto('/settings/audit?organization=demo');
  const records = page.getByRole('table', { name: 'Audit records' });
  for (const words of ['Paused a lane', 'Resumed a lane', 'Drained a worker', 'Let a worker work again']) {
    const record = records.getByRole('row').filter({ hasText: words }).first();
    await record.waitFor();
    expect(await record.textContent(), words).toContain('demo');
  }
  await page.getByLabel('What').selectOption({ label: 'Authenticated a phase with MFA' });
  await page.waitForURL((url) => url.searchParams.get('action') === 'run.authenticated');
  await records.getByText('Paused a lane').first().waitFor({ state: 'detached' });
  const [, ...rows] = await records.getByRole('row').all();
  expect(rows.length).toBe(1);
  expect(await rows[0]?.textContent()).toContain('carol');
  expect(complaints).toEqual([]);
  await context.close();
});

test('the raw queues are shown to the operator, read-only', async () => {
  const { gatehouse } = site;
  const { page, context } = await visit(site, owner);
  await page.goto('/queue');
  await page.getByRole('link', { name: 'Raw queue' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/queue-raw/'));
  await page.getByRole('link', { name: /runs/ }).first().waitFor();
  await page.waitForFunction(() => document.title.includes('Gatehouse, raw queues'));
  const listed = await context.request.get('/queue-raw/api/queues');
  const { queues } = await listed.json();
  const names: string[] = queues.map(({ name }: { name: string }) => name);
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    for (const act of ['pause', 'resume', 'empty', 'promote', 'retry/completed']) {
      const answer = await context.request.put(`/queue-raw/api/queues/${name}/${act}`, {
        headers: { origin: gatehouse.stack.url },
      });
      expect(answer.status(), `${act} of ${name}`).toBeGreaterThanOrEqual(400);
    }
  }
  await context.close();
});
