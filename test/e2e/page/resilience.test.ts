import { buffer } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { document as jsonApi } from '@gatehouse/dev/api-client';
import { type Run, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { logKey } from '@gatehouse/shared/log-stream';
import { connectRedis } from '@gatehouse/shared/redis';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { smallConfiguration } from '../stack.ts';
import { addressOf, lock, openSite, type Site, sendCode, untilStatus, type Visit, visit } from './visit.ts';

// What is away comes back: the api under an open page. And what does not come: a code before its deadline.

const deadlineSeconds = 25;
const lineCount = 6_000;

let site: Site;
/** A page that nobody touches from the beginning on. */
let abandoned: { visitor: Visit; run: Run };
beforeAll(async () => {
  site = await openSite({ apiEnvironment: { GATEHOUSE_MFA_DEADLINE_SECONDS: String(deadlineSeconds) } });
  const { gatehouse } = site;
  const id = await gatehouse.workspace('abandoned', { 'mfa-level': 'plans_and_applies' });
  const run = await gatehouse.queueRun(id, smallConfiguration, { message: 'nobody comes' });
  const visitor = await visit(site, gatehouse.stack.dev);
  await visitor.page.goto(addressOf(gatehouse, 'abandoned', run));
  await visitor.page.waitForSelector(`${lock}[data-state=waiting]`);
  abandoned = { visitor, run };
});
afterAll(() => site.stop());

test('an api that is killed under a long apply: the page says so, and then has every byte of the archive, once', async () => {
  const { gatehouse } = site;
  const { stack, api } = gatehouse;
  const id = await gatehouse.workspace('long', { 'mfa-level': 'applies_only' });
  const run = await gatehouse.queueRun(id, {
    'main.tf': `
resource "terraform_data" "talk" {
  provisioner "local-exec" {
    command = "for batch in $(seq 1 ${lineCount / 60}); do for n in $(seq 1 60); do echo \\"line $(((batch - 1) * 60 + n)) — ünïcode ✓\\"; done; sleep 0.1; done"
    interpreter = ["/bin/bash", "-c"]
  }
}
`,
  });
  await waitForRun(api, run.id, ['planned']);
  const { page, context } = await visit(site, stack.dev);
  await page.goto(addressOf(gatehouse, 'long', run));
  await sendCode(page, await gatehouse.freshCode());
  const apply = page.locator('[data-testid=apply-card]');
  await apply.getByText(/line 500 /).waitFor();

  await stack.services.api.kill();
  await page.waitForSelector('header [data-testid=live-indicator][data-state=reconnecting]', { timeout: 11_000 });
  await apply.locator('[data-testid=live-indicator][data-state=reconnecting]').waitFor({ timeout: 11_000 });
  await page
    .getByText(/^lost \d+ s ago/)
    .first()
    .waitFor();
  await stack.restartApi();

  await page.waitForSelector('header [data-testid=live-indicator][data-state=live]');
  await untilStatus(page, 'applied');
  // The log's stream says by itself that it is complete.
  await apply.locator('[data-testid=live-indicator]').waitFor({ state: 'detached' });

  const archived = await archiveOf(run);
  const plain = stripVTControlCharacters(archived);
  const counted = [...plain.matchAll(/: line (\d+) — ünïcode ✓/g)].map((match) => Number(match[1]));
  expect(counted).toEqual(Array.from({ length: lineCount }, (_, index) => index + 1));
  expect(await linesOf(page)).toEqual(plain.replace(/\n$/, '').split('\n'));

  // What the button downloads is the same, to the byte.
  const coming = page.waitForEvent('download');
  await apply.getByRole('link', { name: 'Download' }).click();
  expect((await buffer(await (await coming).createReadStream())).equals(Buffer.from(archived))).toBe(true);

  // A link to lines opens the lines that had these numbers while the log was live.
  const linked = await context.newPage();
  await linked.goto(`${addressOf(gatehouse, 'long', run)}#apply-L120-L134`);
  const chosen = linked.locator('[data-testid=apply-card] [data-chosen]');
  await chosen.nth(14).waitFor();
  const texts = await chosen.evaluateAll((rows) => rows.map((row) => row.lastElementChild?.textContent));
  expect(texts).toEqual(plain.split('\n').slice(119, 134));
  await context.close();

  /** Read when Redis has nothing of it any more. */
  async function archiveOf({ id: runId }: Run): Promise<string> {
    const redis = connectRedis(stack.dev.redisUrl, { onError: () => undefined, name: 'test' });
    try {
      const key = logKey(runId, 'apply');
      // It is given an end only when the archive has it all.
      await vi.waitFor(async () => expect(await redis.ttl(key)).toBeGreaterThan(0), { timeout: 20_000 });
      await redis.del(key);
    } finally {
      redis.disconnect();
    }
    const response = await fetch(`${api.url}/api/v2/runs/${runId}/logs/apply?format=raw`, {
      headers: { authorization: `Bearer ${api.token}` },
    });
    return await response.text();
  }
});

test('a deadline that passes under an open page: the lock is expired, the field gone, and a new run one press away', async () => {
  const { gatehouse } = site;
  const { page, complaints } = abandoned.visitor;
  await page.waitForSelector(`${lock}[data-state=expired]`, { timeout: 60_000 });
  await page.getByRole('heading', { name: 'No code came in time' }).waitFor();
  await page.getByText(/The deadline was \d\d:\d\d\. Nothing of this phase ran\./).waitFor();
  expect(await page.locator('input[inputmode=numeric]').count()).toBe(0);
  expect(await page.title()).toBe('Errored: no code · abandoned · Gatehouse');
  await page.waitForFunction(() =>
    document.querySelector('link[rel="icon"]')?.getAttribute('href')?.endsWith('/gate.svg'),
  );
  // Its own log says so too, and nothing ran.
  expect(await gatehouse.log(abandoned.run, 'plan')).not.toContain('Initializing');

  await page.getByRole('button', { name: 'Queue it again' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(abandoned.run.id));
  await untilStatus(page, 'awaiting_plan_mfa');
  const again = await readRun(gatehouse.api, new URL(page.url()).pathname.split('/').at(-1) ?? '');
  expect(again.attributes['message']).toBe('nobody comes');
  await page.getByRole('heading', { name: 'nobody comes' }).waitFor();
  // The api was killed meanwhile, of which a browser complains by itself.
  expect(complaints.filter((complaint) => !complaint.includes('ERR_'))).toEqual([]);
});

test('a level that changes under an open form does not overwrite what was edited', async () => {
  const { gatehouse } = site;
  const { stack, api } = gatehouse;
  const id = await gatehouse.workspace('edited', { 'mfa-level': 'never' });
  const { page, context } = await visit(site, stack.dev);
  await page.goto('/terraform/demo/environments/edited/settings');
  const level = page.getByLabel('AWS Multi-Factor Authentication', { exact: true });
  await level.selectOption('plans_and_applies');
  await page.waitForSelector('header [data-testid=live-indicator][data-state=live]');
  await api.call('PATCH', `/api/v2/workspaces/${id}`, jsonApi('workspaces', { 'mfa-level': 'applies_only' }));
  const load = page.getByRole('button', { name: /Load it/ });
  await load.waitFor();
  expect(await level.inputValue()).toBe('plans_and_applies');
  await load.click();
  expect(await level.inputValue()).toBe('applies_only');
  await context.close();
});

/** The apply's log as the page has it, all folds open. */
async function linesOf(page: Page): Promise<string[]> {
  const lines = page.getByRole('region', { name: 'Apply log, lines' });
  for (const folded of await lines.locator('[aria-expanded=false]').all()) await folded.click();
  return await lines.evaluate((element) =>
    [...element.querySelectorAll('[data-line]')]
      .map((row) => ({ line: Number(row.getAttribute('data-line')), text: row.lastElementChild?.textContent ?? '' }))
      .toSorted((one, other) => one.line - other.line)
      .map(({ text }) => text),
  );
}
