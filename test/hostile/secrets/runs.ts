import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Gatehouse } from '../../e2e/stack.ts';
import { failing, tellingSecrets } from './configuration.ts';
import { coreLimitOf, familyOf, keysOfRedis, processesNow } from './leavings.ts';
import type { Leaving } from './search.ts';
import { canary, done, type Stage, until } from './stage.ts';

/** A run with codes of every kind, looked at while it stands still; one that fails; one that no code reaches. */
export async function letThingsRun(stage: Stage, workspaceId: string): Promise<Run> {
  const { ask, site, effects, member, codes, leavings } = stage;
  const { gatehouse } = site;
  const { api, stack } = gatehouse;
  const inState = canary(stage, 'value in the state');
  effects.hold('/story/plan');
  const run = await gatehouse.queueRun(workspaceId, tellingSecrets(effects.port, inState), { message: 'the story' });
  const send = (code: unknown) =>
    ask(member, 'POST', `/api/v2/runs/${run.id}/actions/authenticate`, { 'token-code': code });
  const sendCode = async (code: string) => {
    codes.push(code);
    return send(code);
  };
  await send(canary(stage, 'code that is none'));
  await sendCode(String(randomInt(200_000, 999_999)));
  await gatehouse.emulator('POST', '/faults', { kind: 'garbage', times: 1, action: 'GetSessionToken', when: 'after' });
  await sendCode(await gatehouse.freshCode());
  await done(sendCode(await gatehouse.freshCode()), 200);
  await effects.reached('/story/plan');
  leavings.push(...(await processesNow('while a plan runs')), ...(await keysOfRedis(stack.dev.redisUrl)));
  const { services } = stack;
  for (const pid of await familyOf(services.workers[0]?.pid ?? 0)) {
    stage.coreLimits.set(...(await coreLimitOf(pid)));
  }
  effects.release('/story/plan');
  await waitForRun(api, run.id, ['planned'], 120_000);
  await sendCode(await gatehouse.usedCode());
  await stack.restartRedis({
    isKilled: true,
    meanwhile: async () => {
      await sendCode(await gatehouse.freshCode());
      await ask({}, 'POST', '/api/v2/session', { username: 'kim', password: canary(stage, 'password without Redis') });
    },
  });
  await until(async () => (await ask({}, 'GET', '/readyz')).status === 200);
  await done(sendCode(await gatehouse.freshCode()), 200);
  await waitForRun(api, run.id, ['applied'], 120_000);

  const never = await gatehouse.workspace(`${stage.control}-2`, { 'mfa-level': 'never' });
  const plain = {
    key: 'plain',
    value: canary(stage, 'variable of a run that fails'),
    category: 'terraform',
    sensitive: true,
  };
  await done(
    ask(stage.owner, 'POST', `/api/v2/workspaces/${never}/vars`, { data: { type: 'vars', attributes: plain } }),
    201,
  );
  const failed = await gatehouse.queueRun(never, failing);
  await waitForRun(api, failed.id, ['errored'], 120_000);
  leavings.push(
    ...(await logsOf(gatehouse, run, ['plan', 'apply'])),
    ...(await logsOf(gatehouse, failed, ['plan'])),
    ...(await keysOfRedis(stack.dev.redisUrl)),
  );
  await hearSecrets(stage);
  return run;
}

async function logsOf(gatehouse: Gatehouse, run: Run, phases: readonly Phase[]): Promise<Leaving[]> {
  const read = async (phase: Phase) => ({
    place: 'logs of runs',
    name: `${run.id} ${phase}`,
    bytes: Buffer.from(await gatehouse.log(run, phase)),
  });
  return Promise.all(phases.map(read));
}

/** What only the worker is told: its tokens, and the sessions that AWS gave. */
async function hearSecrets({ ears, canaries, site }: Stage): Promise<void> {
  const heard = ears.map((ear) => ear.heard()).join('\n');
  const { dev } = site.gatehouse.stack;
  const tokens = new Set([...heard.matchAll(/^authorization: bearer (\S+)/gim)].map(([, token = '']) => token));
  tokens.delete(dev.workerToken);
  const found = {
    'token of a phase': [...tokens],
    'secret key of a session': [...heard.matchAll(/<SecretAccessKey>([^<]+)</g)].map(([, key = '']) => key),
    'token of a session': [...heard.matchAll(/<SessionToken>([^<]+)</g)].map(([, token = '']) => token),
  };
  for (const [kind, values] of Object.entries(found)) {
    if (values.length === 0) throw new Error(`No ${kind} was heard.`);
    for (const [index, value] of values.entries()) canaries.set(`${kind} (${index + 1})`, value);
  }
  canaries.set("worker's token", dev.workerToken);
  canaries.set('AWS secret key', dev.secretAccessKey);
  canaries.set('secret of the MFA device', dev.mfaSecret);
  canaries.set("owner's password", dev.password);
  canaries.set("owner's token", dev.token);
  canaries.set(
    'sealing key',
    (await readFile(path.join(site.gatehouse.stack.dataDirectory, 'secrets/sealing-key'), 'utf8')).trim(),
  );
}
