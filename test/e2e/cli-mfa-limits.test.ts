import { authenticateRun, readRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFolder, cliFolder } from './cli-folder.ts';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

/** The ends of a wait, as a terminal sees them: reminders, the deadline, the last try. */
let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse({
    apiEnvironment: {
      GATEHOUSE_MFA_DEADLINE_SECONDS: '8',
      GATEHOUSE_MFA_REMINDER_SECONDS: '3',
      GATEHOUSE_MFA_TRIES: '2',
    },
  });
});
afterAll(() => gatehouse?.stop());

async function setup(name: string, mfaLevel: string): Promise<CliFolder> {
  await gatehouse.workspace(name, { 'mfa-level': mfaLevel });
  const folder = await cliFolder(gatehouse, { workspace: name, files: smallConfiguration });
  expect((await folder.terraform(['init'])).exitCode).toBe(0);
  return folder;
}

const nothingRan = 'Nothing of this phase ran. Queue the run again.';

describe.concurrent('a wait ends', () => {
  test('by its deadline before the plan: reminders, then the reason, and a non-zero exit', async () => {
    const folder = await setup('cli-late-plan', 'plans_and_applies');
    const { exitCode, all } = await folder.terraform(['plan']);
    expect(all).toMatch(
      /Waiting until.*\n(Still waiting for a code of arn:aws:iam::\*{8}9012:mfa\/gatehouse: 1 minute left\.\n)+Error/,
    );
    expect(all).toContain(`Error: No MFA code came in time. ${nothingRan}`);
    expect(exitCode).toBe(1);
  });

  test('by its deadline before the apply: the terminal says why, with a non-zero exit, and nothing was applied', async () => {
    const folder = await setup('cli-late-apply', 'applies_only');
    const { exitCode, all } = await folder.terraform(['apply', '-auto-approve']);
    expect(all).toMatch(/MFA required before the apply/);
    expect(all).toContain(`Error: No MFA code came in time. ${nothingRan}`);
    expect(exitCode).toBe(1);
    expect((await folder.terraform(['state', 'list'])).all).toMatch(/No state file was found|^\s*$/);
  });

  test('by its last try: each refusal and the reason are told, with a non-zero exit', async () => {
    const folder = await setup('cli-tries', 'plans_and_applies');
    const terminal = folder.start(['plan']);
    await terminal.until(/Waiting until/);
    const runId = /run-\w+/.exec(terminal.output())?.[0] ?? '';
    for (const left of ['1 try is left', '0 tries are left']) {
      await expect(authenticateRun(gatehouse.api, runId, await gatehouse.wrongCode())).rejects.toThrow();
      await terminal.until(new RegExp(`Code of \`demo\` refused\\..*${left}`, 's'));
    }
    const { exitCode, all } = await terminal.ended;
    expect(all).toContain(`Error: Too many MFA codes were refused. ${nothingRan}`);
    expect(exitCode).toBe(1);
    expect((await readRun(gatehouse.api, runId)).attributes['end-reason']).toBe('mfa_too_many_attempts');
  });
});
