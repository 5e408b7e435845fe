import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freePort } from '../src/free-port.ts';

const narrow = { lowest: 19_990, beyond: 19_992 };

test('a port is given once, here and to other processes, until the process ends that has it', async () => {
  const inOther = () =>
    promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { freePort } from ${JSON.stringify(new URL('../src/free-port.ts', import.meta.url).href)};
      console.log(await freePort(${JSON.stringify(narrow)}));`,
    ]);
  const first = await freePort(narrow);
  const second = Number((await inOther()).stdout);
  expect([first, second].sort()).toEqual([19_990, 19_991]);
  expect(await freePort(narrow)).toBe(second);
  await expect(freePort(narrow)).rejects.toThrow('seems to be free');
  await expect(inOther()).rejects.toThrow('seems to be free');
});
