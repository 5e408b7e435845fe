import { gzipSync } from 'node:zlib';
import { resourcesOf } from '@gatehouse/dev/api-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { smallConfiguration } from '../stack.ts';
import { addressOf, openSite, type Site, visit } from './visit.ts';

// What is promised in numbers. What is measured is printed; what is asserted leaves room for a busy machine.

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.stop());

test('the first load is small, and the code can be typed soon', async () => {
  const { gatehouse } = site;
  const id = await gatehouse.workspace('first', { 'mfa-level': 'plans_and_applies' });
  const run = await gatehouse.queueRun(id, smallConfiguration);
  const measured: { kilobytes: number; ms: number }[] = [];
  for (const address of ['/', addressOf(gatehouse, 'first', run)]) {
    // Nothing cached: each has a browser profile of its own.
    const { page, context } = await visit(site, gatehouse.stack.dev);
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.body());
    });
    await page.addInitScript(() => {
      new MutationObserver((_changes, observer) => {
        if (document.querySelector('input[autocomplete=one-time-code], input[inputmode=numeric]') === null) return;
        performance.mark('interactive');
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(address);
    await page.waitForFunction(() => performance.getEntriesByName('interactive').length > 0);
    const ms = await page.evaluate(() => performance.getEntriesByName('interactive')[0]?.startTime ?? Number.NaN);
    // The log comes after the field, and is what is loaded last.
    if (address !== '/') await page.locator('[data-line]').first().waitFor();
    const bytes = (await Promise.all(scripts)).reduce((sum, body) => sum + gzipSync(body).length, 0);
    measured.push({ kilobytes: bytes / 1000, ms });
    console.info(
      `${address}: ${(bytes / 1000).toFixed(0)} kB of scripts, gzipped; code field after ${ms.toFixed(0)} ms`,
    );
    await context.close();
  }
  for (const { kilobytes, ms } of measured) {
    expect(kilobytes).toBeGreaterThan(50);
    expect(kilobytes).toBeLessThanOrEqual(250);
    expect(ms).toBeLessThan(5_000);
  }
});

test('a change of a run reaches the open page at once', async () => {
  const { gatehouse } = site;
  const { api, stack } = gatehouse;
  const id = await gatehouse.workspace('changing', { 'mfa-level': 'plans_and_applies' });
  const { page, context } = await visit(site, stack.dev);
  // When each row came and went, by the clock that the api has as well.
  await page.addInitScript(() => {
    const shown = new Map<string, number>();
    const gone = new Map<string, number>();
    Object.assign(window, { seenRuns: () => ({ shown: Object.fromEntries(shown), gone: Object.fromEntries(gone) }) });
    new MutationObserver(() => {
      const now = new Set(
        [...document.querySelectorAll('[data-run]')].map((row) => row.getAttribute('data-run') ?? ''),
      );
      for (const run of now) if (!shown.has(run)) shown.set(run, Date.now());
      for (const run of shown.keys()) if (!now.has(run) && !gone.has(run)) gone.set(run, Date.now());
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto('/');
  await page.waitForSelector('header [data-testid=live-indicator][data-state=live]');
  const first = await gatehouse.queueRun(id, smallConfiguration, { 'plan-only': true });
  const runs = [first.id];
  await page.waitForSelector(`[data-run=${first.id}]`);
  for (let count = 0; count < 20; count++) {
    const run = z.object({ data: z.object({ id: z.string() }) }).parse(
      await api.call('POST', '/api/v2/runs', {
        data: {
          attributes: { 'plan-only': true },
          relationships: { workspace: { data: { type: 'workspaces', id } } },
        },
      }),
    ).data.id;
    runs.push(run);
    await page.waitForSelector(`[data-run=${run}]`);
    await api.call('POST', `/api/v2/runs/${run}/actions/cancel`, {});
    await page.waitForSelector(`[data-run=${run}]`, { state: 'detached' });
  }
  const seen = await page.evaluate(() => {
    // Put there above.
    const { seenRuns } = window as unknown as {
      seenRuns(): { shown: Record<string, number>; gone: Record<string, number> };
    };
    return seenRuns();
  });
  const delays: number[] = [];
  for (const run of runs) {
    const events = resourcesOf(
      await api.call('GET', `/api/v2/runs/${run}/run-events`),
      z.object({ event: z.string().nullable(), at: z.iso.datetime() }),
    );
    for (const { attributes } of events) {
      const at = Date.parse(attributes.at);
      const [shown, gone] = [seen.shown[run], seen.gone[run]];
      if (attributes.event === 'planMfaRequired' && shown !== undefined) delays.push(shown - at);
      if (attributes.event === 'canceled' && gone !== undefined) delays.push(gone - at);
    }
  }
  const sorted = delays.toSorted((one, other) => one - other);
  const p = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  console.info(`a change is seen after p50 ${p(0.5)} ms, p95 ${p(0.95)} ms, of ${sorted.length} changes`);
  expect(sorted.length).toBeGreaterThanOrEqual(40);
  expect(p(0.95)).toBeLessThan(1_000);
  await context.close();
});
