import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium: `apt-get install chromium`. Another one by GATEHOUSE_CHROMIUM. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['GATEHOUSE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  });
}
