import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import type { Gatehouse } from './stack.ts';

/** From now on every session of the emulator lasts this long, whatever is asked for; null: as long as is asked for. */
export async function setSessionSeconds(
  { emulator }: Pick<Gatehouse, 'emulator'>,
  seconds: number | null,
): Promise<void> {
  await emulator('PUT', '/session-seconds', { seconds });
}

/** Starts the apply of a planned run with a session of `seconds`; the sessions after it are as long as is asked for. */
export async function confirmWithShortSession(gatehouse: Gatehouse, run: Run, seconds: number): Promise<void> {
  await setSessionSeconds(gatehouse, seconds);
  await gatehouse.authenticate(run);
  await setSessionSeconds(gatehouse, null);
  await waitForRun(gatehouse.api, run.id, ['applying']);
}

/** The run, once a code is asked for that makes the session of its running phase longer. */
export async function awaitExtension({ api }: Pick<Gatehouse, 'api'>, run: Run, timeoutMs = 60_000): Promise<Run> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const now = await waitForRun(api, run.id, ['planning', 'applying']);
    if (now.attributes.mfa?.['purpose'] === 'extend' && now.attributes.mfa.state === 'awaiting') return now;
    if (Date.now() > deadline) throw new Error(`No code is asked for to extend the session of run ${run.id}.`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
