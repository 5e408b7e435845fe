import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { document as jsonApi } from '@gatehouse/dev/api-client';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallConfiguration } from '../stack.ts';
import { addressOf, openSite, type Site, visit } from './visit.ts';

// What holds for every page: axe finds nothing, no policy is broken, a phone shows it whole.

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let site: Site;
let runs: Record<'waiting' | 'planned' | 'destroying' | 'applied' | 'pending', Run>;
beforeAll(async () => {
  site = await openSite();
  const { gatehouse } = site;
  const { api, workspace, queueRun } = gatehouse;
  const gated = await workspace('network-prod', { 'mfa-level': 'plans_and_applies', description: 'VPCs and routes' });
  const waiting = await queueRun(gated, smallConfiguration, { message: 'raise NAT count' });
  const pending = await queueRun(gated, smallConfiguration, { message: 'tag subnets' });
  await gatehouse.setVariable(gated, 'TF_LOG', 'info');
  const open = await workspace('sandbox', { 'mfa-level': 'never' });
  const applied = await queueRun(open, smallConfiguration, { 'auto-apply': true });
  const planned = await queueRun(await workspace('dns', { 'mfa-level': 'applies_only' }), smallConfiguration);
  await waitForRun(api, applied.id, ['applied']);
  await api.call('PATCH', `/api/v2/workspaces/${open}`, jsonApi('workspaces', { 'mfa-level': 'applies_only' }));
  const destroying = await queueRun(open, smallConfiguration, { 'is-destroy': true });
  for (const run of [planned, destroying]) await waitForRun(api, run.id, ['planned']);
  await workspace('brand-new', { 'mfa-level': 'never' });
  runs = { waiting, pending, applied, planned, destroying };
});
afterAll(() => site.stop());

const terraformLogin = new URLSearchParams({
  client_id: 'terraform-cli',
  code_challenge: 'a'.repeat(43),
  code_challenge_method: 'S256',
  redirect_uri: 'http://localhost:10003/login',
  response_type: 'code',
  state: '6b1f0f2e-1111-2222-3333-444455556666',
});

function pages(): Record<string, string> {
  const { gatehouse } = site;
  const environment = (name: string) => `/terraform/demo/environments/${name}`;
  return {
    'what waits': '/',
    'a run that waits for a code': addressOf(gatehouse, 'network-prod', runs.waiting),
    'a pending run': addressOf(gatehouse, 'network-prod', runs.pending),
    'a plan to decide on': addressOf(gatehouse, 'dns', runs.planned),
    'a plan that destroys': addressOf(gatehouse, 'sandbox', runs.destroying),
    'an applied run': `${addressOf(gatehouse, 'sandbox', runs.applied)}?view=log`,
    environments: '/terraform/demo/environments',
    'an environment': environment('network-prod'),
    'a new environment': environment('brand-new'),
    settings: `${environment('network-prod')}/settings`,
    variables: `${environment('network-prod')}/variables`,
    states: `${environment('sandbox')}/states`,
    'organization variables': '/settings/organization_variables?organization=demo',
    members: '/settings/members?organization=demo',
    audit: '/settings/audit?organization=demo',
    queue: '/queue',
    tokens: '/app/settings/tokens',
    'a token by hand': '/app/settings/tokens?source=terraform-login',
    'terraform login': `/oauth/authorization?${terraformLogin}`,
    'what is no terraform login': '/oauth/authorization?client_id=somebody',
    nothing: '/terraform/nope/environments/x',
  };
}

/** Page, the button that opens a dialog on it. */
const dialogs: readonly (readonly [keyof ReturnType<typeof pages>, string])[] = [
  ['a run that waits for a code', 'Cancel run'],
  ['a plan to decide on', 'Discard plan'],
  ['environments', 'New environment'],
  ['an environment', 'Queue a run'],
  ['an environment', 'Lock'],
  ['settings', 'Delete network-prod'],
  ['variables', 'Add variable'],
  ['organization variables', 'Delete AWS_ACCESS_KEY_ID'],
  ['members', 'Add member'],
  ['queue', 'Pause runs'],
  ['queue', 'Drain worker'],
  ['tokens', 'New token'],
];

async function open(page: Page, name: string): Promise<void> {
  const address = pages()[name];
  if (address === undefined) throw new Error(`No page is called ${name}.`);
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await settle(page);
}

/** Nothing is loading any more, and two frames were drawn. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], [data-testid=loading]') === null);
  await page.waitForFunction(() => !/(^|\s)Loading /.test(document.querySelector('main')?.textContent ?? ''));
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** What axe finds in light and in dark; the second time only the colours are new. */
async function violations(page: Page): Promise<string[]> {
  // By the debugger, which the page's policy does not concern.
  await page.evaluate(axe);
  const inLight = await runAxe(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await settle(page);
  const inDark = await runAxe(page, ['color-contrast']);
  await page.emulateMedia({ colorScheme: 'light' });
  return [...inLight, ...inDark.map((found) => `dark: ${found}`)];
}

type Violation = { id: string; nodes: { html: string; failureSummary: string }[] };

async function runAxe(page: Page, rules?: string[]): Promise<string[]> {
  const found = await page.evaluate(async (runOnly) => {
    // axe gives itself to the window.
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    const { violations: all } = await axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) });
    return all;
  }, rules);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`),
  );
}

test('axe finds nothing on any page, in light and dark, none breaks its policy, and a phone shows each whole', async () => {
  const { page, context, complaints } = await visit(site, site.gatehouse.stack.dev);
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(pages())) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await open(page, name);
    const bad = await violations(page);
    if (bad.length > 0) found[name] = bad;
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      await settle(page);
      const beyond = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (beyond > 0) found[`${name} at ${width} px`] = `${beyond} px too wide`;
    }
  }
  expect(found).toEqual({});
  expect(complaints).toEqual([]);
  await context.close();

  const stranger = await visit(site);
  await stranger.page.goto('/queue');
  await stranger.page.getByLabel('User name').waitFor();
  expect(await violations(stranger.page)).toEqual([]);
  expect(stranger.complaints).toEqual([]);
  await stranger.context.close();
});

test('axe finds nothing in any dialog, and Escape closes each and gives the focus back', async () => {
  const { page, context, complaints } = await visit(site, site.gatehouse.stack.dev);
  const found: Record<string, string[]> = {};
  for (const [name, button] of dialogs) {
    await open(page, name);
    const opener = page.getByRole('button', { name: button, exact: true }).first();
    await opener.click();
    await page.locator('dialog[open]').waitFor();
    const bad = await violations(page);
    if (bad.length > 0) found[`${name}, ${button}`] = bad;
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    expect(await opener.evaluate((element) => element === element.ownerDocument.activeElement), button).toBe(true);
  }
  expect(found).toEqual({});
  expect(complaints).toEqual([]);
  await context.close();
});

const keyboardHeight = 290;
const headerHeight = 48;

test('on a phone the sentence, the code and its button stand above the keyboard together', async () => {
  const { page, context } = await visit(site, site.gatehouse.stack.dev, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await open(page, 'a run that waits for a code');
  await page.locator('input[inputmode=numeric]').tap();
  const { field, button } = await boxes();
  expect(field.top).toBeGreaterThanOrEqual(0);
  expect(button.bottom).toBeLessThanOrEqual(844 - keyboardHeight);
  // These panels end their page: only a real keyboard lets one scroll beyond, so their height is what can be measured.
  for (const name of ['a plan to decide on', 'what waits']) {
    await open(page, name);
    await page.locator('input[inputmode=numeric]').first().tap();
    const { consent, button: pressed } = await boxes();
    expect(pressed.bottom - consent.top, name).toBeLessThanOrEqual(844 - keyboardHeight - headerHeight);
  }
  await context.close();

  function boxes() {
    return page.evaluate(() => {
      const input = document.querySelector('input[inputmode=numeric]');
      const press = input?.closest('form')?.querySelector('button[type=submit]');
      const sentence = document.getElementById(input?.getAttribute('aria-describedby')?.split(' ')[0] ?? '');
      const of = (element: Element | null | undefined) => {
        const { top = Number.NaN, bottom = Number.NaN } = element?.getBoundingClientRect() ?? {};
        return { top, bottom };
      };
      return { field: of(input), button: of(press), consent: of(sentence) };
    });
  }
});
