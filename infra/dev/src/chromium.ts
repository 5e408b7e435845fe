import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium (`apt-get install chromium`), without a window; another one by GATEHOUSE_CHROMIUM. */
export function launchChromium(environment: Record<string, string | undefined>): Promise<Browser> {
  return chromium.launch({
    executablePath: environment['GATEHOUSE_CHROMIUM'] ?? '/usr/bin/chromium',
    // In a container its own sandbox and /dev/shm are often not to be had; it opens nothing but this Gatehouse.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}
