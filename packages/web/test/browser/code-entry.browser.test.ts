import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchChromium } from './chromium.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function openCodes(viewport = { width: 1280, height: 900 }): Promise<Page> {
  const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(`${inject('galleryUrl')}/?show=codes`);
  await page.waitForSelector('[data-panel=plan] input');
  return page;
}

const panel = '[data-panel=plan]';
const field = `${panel} input`;

async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((clip) => navigator.clipboard.writeText(clip), text);
  await page.press(field, 'Control+V');
}

describe('the code field', () => {
  test('has the focus, takes six digits and Enter, and sends once', async () => {
    const page = await openCodes();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('autocomplete'))).toBe('one-time-code');
    await page.keyboard.type('04a8 315');
    expect(await page.inputValue(field)).toBe('048315');
    expect(await page.getAttribute('body', 'data-sent')).toBeNull();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${panel} [data-testid=mfa-lock][data-state=exchanging]`);
    await page.waitForSelector(`${panel} [data-testid=mfa-lock][data-state=authenticated]`);
    expect(await page.getAttribute('body', 'data-sent')).toBe('1');
    expect(await page.inputValue(field)).toBe('');
    expect(await page.content()).not.toContain('048315');
    await page.context().close();
  });

  test('takes a pasted code in any dress, and nothing else', async () => {
    const page = await openCodes();
    for (const text of ['123 456', '123-456', 'Code: 123456']) {
      await page.fill(field, '');
      await paste(page, text);
      expect(await page.inputValue(field), text).toBe('123456');
    }
    for (const text of ['12345', '1234567', 'a b']) {
      await paste(page, text);
      expect(await page.inputValue(field), text).toBe('123456');
      await page.waitForSelector(`${panel} [role=status]:has-text("A code has six digits")`);
    }
    expect(await page.getAttribute('body', 'data-sent')).toBeNull();
    await page.context().close();
  });

  test('is empty, focused and told of once after a refusal, and the next code works', async () => {
    const page = await openCodes();
    await page.fill(field, '000000');
    await page.click(`${panel} button[type=submit]`);
    await page.waitForSelector(`${panel} [data-testid=mfa-lock][data-state=refused]`);
    expect(await page.locator(`${panel} [role=alert]`).count()).toBe(1);
    expect(await page.textContent(`${panel} [role=alert]`)).toContain('AWS did not accept this code');
    expect(await page.inputValue(field)).toBe('');
    expect(await page.locator(field).evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('123456');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${panel} [data-testid=mfa-lock][data-state=authenticated]`);
    await page.context().close();
  });

  test.each([
    { width: 390, height: 844 },
    { width: 320, height: 640 },
  ])('fits on $width px: each digit in its cell, the button within reach', async (viewport) => {
    const page = await openCodes(viewport);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await page.fill(field, '123456');
    // The field does not scroll sideways: then the last digit would have left its cell.
    expect(await page.locator(field).evaluate((element) => element.scrollLeft)).toBe(0);
    const height = await page.locator(panel).evaluate((element) => element.getBoundingClientRect().height);
    expect(height).toBeLessThan(400);
    await page.context().close();
  });
});
