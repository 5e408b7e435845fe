// `npm run mfa-code`: the code that the demo's MFA device shows now, as an authenticator app would.

import { readConfig } from './config.ts';
import { currentCode } from './demo-device.ts';
import { readDevFile } from './dev-file.ts';

try {
  process.stdout.write(`${await currentCode(await readDevFile(readConfig(process.env).dataDirectory))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
