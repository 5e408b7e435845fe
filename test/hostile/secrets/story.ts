import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@gatehouse/dev/free-port';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import type { Phase } from '@gatehouse/shared/run-status';
import { encodeBase32 } from '@gatehouse/sts-emulator/base32';
import { startReceiver } from '../../../packages/api/test/receiver.ts';
import { openSite, type Site } from '../../e2e/page/visit.ts';
import type { Gatehouse } from '../../e2e/stack.ts';
import { startEffects } from '../../faults/effects.ts';
import { type Ask, asking, type Heard } from './asking.ts';
import { awkward, failing, tellingSecrets } from './configuration.ts';
import { startEar } from './ear.ts';
import { hearRedis, keysOfRedis, processesNow } from './leavings.ts';
import type { Leaving } from './search.ts';

/** A canary of each kind by its name, and all that was left behind while they were used. */
export type Story = { site: Site; ask: Ask; canaries: Map<string, string>; codes: string[]; leavings: Leaving[] };
export type Stage = Story & {
  owner: { token: string };
  member: { token: string };
  control: string;
  effects: Awaited<ReturnType<typeof startEffects>>;
  receiver: Awaited<ReturnType<typeof startReceiver>>;
  redisEar: Awaited<ReturnType<typeof hearRedis>>;
  ears: readonly { heard(): string }[];
  strike(): Promise<void>;
};

/** What every program in the story may tell: it is searched for to show that the searchers see. */
export const newControl = () => `control-${randomBytes(6).toString('hex')}`;

export const newCanary = () => `kestrel${randomBytes(9).toString('hex')}`;

/** A whole Gatehouse at its most talkative, with an ear in each line of its worker. */
export async function setStage(): Promise<Stage> {
  const [effects, receiver, apiEar, stsEar, port] = await Promise.all([
    startEffects(),
    startReceiver(),
    startEar(),
    startEar(),
    freePort(),
  ]);
  apiEar.leadTo(`http://127.0.0.1:${port}`);
  const site = await openSite({
    port,
    apiEnvironment: { GATEHOUSE_LOG_LEVEL: 'trace', GATEHOUSE_NOTIFICATION_ALLOW: receiver.host },
    workerEnvironment: {
      GATEHOUSE_LOG_LEVEL: 'trace',
      GATEHOUSE_API_URL: apiEar.url,
      GATEHOUSE_STS_ENDPOINT: stsEar.url,
      GATEHOUSE_SANDBOX_FORWARDS: `effects=127.0.0.1:${effects.port}`,
    },
  });
  const { dev } = site.gatehouse.stack;
  stsEar.leadTo(dev.stsUrl);
  const leavings: Leaving[] = [];
  return {
    site,
    leavings,
    ask: asking(dev.url, leavings),
    canaries: new Map(),
    codes: [],
    owner: { token: dev.token },
    member: { token: '' },
    control: newControl(),
    effects,
    receiver,
    redisEar: await hearRedis(dev.redisUrl),
    ears: [apiEar, stsEar],
    async strike() {
      await site.stop();
      await Promise.all([effects.close(), receiver.close(), apiEar.close(), stsEar.close()]);
    },
  };
}

/** People come, mistype, get tokens of every kind, and change their passwords. */
export async function letPeopleIn(stage: Stage): Promise<void> {
  const { ask, canaries, owner, site } = stage;
  const { organization } = site.gatehouse.stack.dev;
  const here = `/api/v2/organizations/${organization}`;
  const passwords = { first: canary(stage, 'password'), second: canary(stage, 'changed password') };
  const username = 'kim';
  const membership = { data: { attributes: { username, password: passwords.first } } };
  await done(ask(owner, 'POST', `${here}/organization-memberships`, membership), 201);
  const signIn = (password: unknown) => ask({}, 'POST', '/api/v2/session', { username, password });
  await signIn(canary(stage, 'mistyped password'));
  await signIn({ not: canary(stage, 'password in a broken request') });
  await ask({}, 'POST', '/api/v2/session', undefined, {
    raw: `{"username": "kim", "password": "${canary(stage, 'password in broken JSON')}"`,
  });
  await ask({}, 'POST', `/api/v2/session?password=${canary(stage, 'password in an address')}`);
  const signedIn = await signIn(passwords.first);
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')[0] ?? '';
  // The answer to whoever signs in holds her session by its nature.
  stage.leavings.pop();
  canaries.set('sign-in session', decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)));
  const change = { data: { attributes: { current_password: passwords.first, password: passwords.second } } };
  await done(ask({ cookie }, 'PATCH', '/api/v2/account/password', change), 204);
  await ask({ cookie }, 'PATCH', '/api/v2/account/password', change);

  const { id } = (await ask({ cookie }, 'GET', '/api/v2/account/details')).data();
  const tokenBody = { data: { type: 'authentication-tokens', attributes: {} } };
  const make = async (kind: string, who: object, path: string) => {
    const made = await done(ask(who, 'POST', path, tokenBody, { mine: true }), 201);
    const { token } = made.data()['attributes'] as { token: string };
    canaries.set(kind, token);
    return token;
  };
  stage.member.token = await make('API token', { cookie }, `/api/v2/users/${id}/authentication-tokens`);
  const organizationToken = await make("organization's token", owner, `${here}/authentication-token`);
  const team = await done(ask(owner, 'POST', `${here}/teams`, { data: { attributes: { name: 'night' } } }), 201);
  const teamToken = await make("team's token", owner, `/api/v2/teams/${team.data()['id']}/authentication-token`);
  for (const token of [organizationToken, teamToken]) await ask({ token }, 'GET', `${here}/workspaces`);
  await ask({ token: canary(stage, 'token that is none') }, 'GET', '/api/v2/account/details');
  await logInTerraform(stage, cookie);
}

async function logInTerraform({ ask, canaries }: Stage, cookie: string): Promise<void> {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = 'http://localhost:10000/login';
  const attributes = {
    'client-id': 'terraform-cli',
    'response-type': 'code',
    'redirect-uri': redirect,
    'code-challenge': createHash('sha256').update(verifier).digest('base64url'),
    'code-challenge-method': 'S256',
    state: 'state',
    'expires-after-days': 1,
  };
  const allowed = await ask(
    { cookie },
    'POST',
    '/api/v2/oauth/authorizations',
    { data: { attributes } },
    { mine: true },
  );
  const { 'redirect-to': back } = allowed.data()['attributes'] as { 'redirect-to': string };
  const code = new URL(back).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', client_id: 'terraform-cli', redirect_uri: redirect, code };
  const exchange = (more: object) =>
    ask({}, 'POST', '/oauth/token', undefined, {
      mine: true,
      raw: new URLSearchParams({ ...form, ...more }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const { access_token: token } = JSON.parse((await exchange({ code_verifier: verifier })).text);
  await exchange({ code_verifier: verifier });
  canaries.set('code of terraform login', code).set('verifier of terraform login', verifier);
  canaries.set('token of terraform login', token);
}

/** Variables, keys and addresses of every kind are set, and refused. */
export async function setSecrets(stage: Stage): Promise<string> {
  const { ask, owner, site, control, receiver } = stage;
  const { gatehouse } = site;
  const { organization } = gatehouse.stack.dev;
  const here = `/api/v2/organizations/${organization}`;
  const id = await gatehouse.workspace(control, { 'mfa-level': 'plans_and_applies' });
  const vars = `/api/v2/workspaces/${id}/vars`;
  const variable = (key: string, value: unknown, more: object = {}) => ({
    data: { type: 'vars', attributes: { key, value, category: 'terraform', sensitive: true, hcl: false, ...more } },
  });
  const letters = (kind: string) => canary(stage, kind);
  await done(ask(owner, 'POST', vars, variable('plain', awkward(letters('terraform variable')))), 201);
  await done(ask(owner, 'POST', vars, variable('declared', letters('variable in the state'))), 201);
  const listed = `{ one = "${letters('part of an HCL variable')}" }`;
  await done(ask(owner, 'POST', vars, variable('listed', listed, { hcl: true })), 201);
  const env = { category: 'env' };
  await done(ask(owner, 'POST', `${here}/vars`, variable('SECRET_ENV', awkward(letters('env variable')), env)), 201);
  const gone = await done(ask(owner, 'POST', vars, variable('gone', letters('deleted variable'))), 201);
  await done(ask(owner, 'DELETE', `${vars}/${gone.data()['id']}`), 204);
  const set = { data: { attributes: { name: 'shared', global: true } } };
  const made = await done(ask(owner, 'POST', `${here}/varsets`, set), 201);
  const inSet = variable('OF_THE_SET', letters('variable of a set'), env);
  await done(ask(owner, 'POST', `/api/v2/varsets/${made.data()['id']}/relationships/vars`, inSet), 201);
  await ask(owner, 'POST', vars, variable('not a key = "', letters('variable with a wrong key')));
  await ask(owner, 'POST', vars, variable('wrong', { deep: letters('variable of a wrong type') }));
  await ask(owner, 'POST', vars, variable('wrong', `{ = ${letters('HCL that is none')}`, { hcl: true }));
  await ask(owner, 'POST', vars, variable('long', letters('variable that is too long').repeat(20_000)));
  const keys = {
    organization,
    'access-key-id': `AKIA${encodeBase32(randomBytes(10))}`,
    'secret-access-key': letters("wrong AWS keys of a person's own"),
    'mfa-serial-number': gatehouse.stack.dev.mfaSerial,
  };
  await ask(stage.member, 'POST', '/api/v2/account/aws-identities', { data: { attributes: keys } });
  const notify = {
    name: 'hook',
    'destination-type': 'generic',
    enabled: true,
    triggers: ['run:created', 'run:errored'],
  };
  const hook = { ...notify, url: `${receiver.url}/${letters('address of a notification')}` };
  const token = letters('key of a notification');
  const hooks = `/api/v2/workspaces/${id}/notification-configurations`;
  await done(ask(owner, 'POST', hooks, { data: { attributes: { ...hook, token } } }, { mine: true }), 201);
  receiver.says(500);
  await ask(owner, 'POST', hooks, { data: { attributes: { ...hook, token } } });
  const elsewhere = { ...hook, url: `http://10.0.0.1/${letters('address that is refused')}`, token };
  await ask(owner, 'POST', hooks, { data: { attributes: elsewhere } });
  return id;
}

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

export function canary({ canaries }: Stage, kind: string): string {
  const value = newCanary();
  canaries.set(kind, value);
  return value;
}

/** A step of the story that has to succeed for the rest to mean anything. */
async function done(asked: Promise<Heard>, status: number): Promise<Heard> {
  const answer = await asked;
  if (answer.status !== status) throw new Error(`Answered with ${answer.status}: ${answer.text.slice(0, 500)}`);
  return answer;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come to that within a minute.');
    await delay(100);
  }
}
