import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('../src/log-crashes.ts', import.meta.url));

test.each(['throw', 'Promise.reject(error); setInterval(() => {}, 1000); //', 'await Promise.reject(error) //'])(
  'a process that ends by %s error says so in its log alone',
  async (harm) => {
    const program = `
      import { logCrashes } from ${JSON.stringify(module)};
      logCrashes((error) => console.log('logged: ' + error.message));
      const error = Object.assign(new Error('refused'), { command: { args: ['AUTH', 'hunter2'] } });
      ${harm} error;`;
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '--eval', program], (error, stdout, stderr) =>
        resolve({ code: error?.code, output: stdout + stderr }),
      );
    });
    expect(output).toBe('logged: refused\n');
    expect(code).toBe(1);
  },
);
