import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirmWithShortSession } from '../short-sessions.ts';
import { addressOf, lock, openSite, panel, type Site, sendCode, untilStatus, visit } from './visit.ts';

// A session that ends under a running apply, as the person in front of the page sees it.

let site: Site;
beforeAll(async () => {
  site = await openSite({ workerEnvironment: { GATEHOUSE_SESSION_MARGIN_SECONDS: '3' } });
});
afterAll(() => site.stop());

const slow = (seconds: number) => ({
  'main.tf': `resource "terraform_data" "slow" {
  provisioner "local-exec" { command = "sleep ${seconds}" }
}
resource "terraform_data" "after" { input = terraform_data.slow.id }
`,
});

async function planned(name: string, seconds: number) {
  const { gatehouse } = site;
  const id = await gatehouse.workspace(name, { 'mfa-level': 'applies_only' });
  const run = await gatehouse.queueRun(id, slow(seconds));
  await waitForRun(gatehouse.api, run.id, ['planned']);
  return run;
}

describe('a session that ends before the apply does', () => {
  test('turns the lock amber while terraform runs; a code extends it, and the apply ends well', async () => {
    const { gatehouse } = site;
    const run = await planned('extends', 22);
    const { page, context, complaints } = await visit(site, gatehouse.stack.dev);
    await page.goto(addressOf(gatehouse, 'extends', run));
    await confirmWithShortSession(gatehouse, run, 20);
    await untilStatus(page, 'applying');
    const field = page.locator(panel);
    await field.waitFor();
    expect(await page.locator(lock).first().getAttribute('data-state')).toBe('waiting');
    expect(await field.textContent()).toMatch(/session/i);
    // The log goes on beside it, and the title calls.
    expect(await page.locator('[data-testid=run-page]').getAttribute('data-status')).toBe('applying');

    const waiting = await context.newPage();
    await waiting.goto('/');
    await waiting.getByText('extends').first().waitFor();
    await waiting.close();

    await sendCode(page, await gatehouse.freshCode());
    await field.waitFor({ state: 'detached' });
    await untilStatus(page, 'applied');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('without a code the page says what was done and what was left, and that the state is saved', async () => {
    const { gatehouse } = site;
    const run = await planned('expires', 60);
    const { page, context } = await visit(site, gatehouse.stack.dev);
    await page.goto(addressOf(gatehouse, 'expires', run));
    await confirmWithShortSession(gatehouse, run, 12);
    await untilStatus(page, 'errored');
    const text = await page.locator('[data-testid=run-page]').textContent();
    expect(text).toMatch(/session/i);
    expect(text).toMatch(/state/i);
    expect(text).toContain('terraform_data.after');
    await context.close();
  });
});
