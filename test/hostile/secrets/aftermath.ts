import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cliFolder } from '../../e2e/cli-folder.ts';
import { signIn, visit } from '../../e2e/page/visit.ts';
import { failing } from './configuration.ts';
import { filesIn, keysOfRedis } from './leavings.ts';
import { type Leaving, unpacked } from './search.ts';
import { canary, type Stage } from './stage.ts';

// What is looked at when the story is over, and who looks.

/** The same person at another machine, by the terraform CLI. */
export async function askByCli(stage: Stage): Promise<void> {
  const { site, member, control, leavings } = stage;
  const folder = await cliFolder(site.gatehouse, { workspace: `${control}-2`, token: member.token, files: failing });
  for (const args of [['init'], ['plan'], ['workspace', 'show']]) {
    const { all } = await folder.terraform([...args, '-no-color']);
    leavings.push({ place: 'terminals', name: `terraform ${args.join(' ')}`, bytes: Buffer.from(all) });
  }
}

/** Everything that a member may read, and that somebody of no organization asks for all the same. */
export async function askAsOthers(stage: Stage, workspaceId: string, runId: string): Promise<void> {
  const { ask, owner, member, site } = stage;
  const stranger = { username: 'stranger', password: canary(stage, "stranger's password") };
  await ask(owner, 'POST', '/api/v2/users', { data: { attributes: stranger } });
  const cookie = (await ask({}, 'POST', '/api/v2/session', stranger, { mine: true })).headers
    .getSetCookie()[0]
    ?.split(';')[0];
  const here = `/api/v2/organizations/${site.gatehouse.stack.dev.organization}`;
  const own = `/api/v2/workspaces/${workspaceId}`;
  const paths = [
    ...['', '/vars', '/varsets?include=vars', '/teams', '/workspaces', '/runs/queue', '/organization-memberships'].map(
      (at) => `${here}${at}`,
    ),
    ...['', '/vars', '/varsets', '/all-vars', '/runs', '/notification-configurations', '/aws-session'].map(
      (at) => `${own}${at}`,
    ),
    ...['', '/run-events', '/plan', '/apply', '/comments'].map((at) => `/api/v2/runs/${runId}${at}`),
    ...['/account/details', '/account/aws-identities', '/mfa-challenges', '/workers', '/users'].map(
      (at) => `/api/v2${at}`,
    ),
  ];
  for (const who of [member, { cookie: cookie ?? '' }, {}]) for (const at of paths) await ask(who, 'GET', at);
  for (const at of ['/authentication-token', '/audit-records?page[size]=100']) await ask(owner, 'GET', `${here}${at}`);
}

const whatIsStored = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])';

/** In a browser: what stands on the pages, in its storages, its addresses and its console. */
export async function lookAtPages(stage: Stage, runId: string): Promise<void> {
  const { site, control, leavings, canaries } = stage;
  const { page, context, requests } = await visit(site);
  const said: string[] = [];
  context.on('console', (message) => said.push(message.text()));
  const keep = (name: string, text: string) => leavings.push({ place: 'pages', name, bytes: Buffer.from(text) });
  await page.goto('/sign-in');
  const person = { username: 'kim', password: canary(stage, 'password mistyped on the page') };
  await signIn(page, person);
  await page.getByRole('alert').first().waitFor();
  await signIn(page, { ...person, password: canaries.get('changed password') ?? '' });
  await page.getByRole('heading', { name: /^Waiting for you/ }).waitFor();
  const environment = `/terraform/demo/environments/${control}`;
  const runPage = `/app/demo/${control}/runs/${runId}`;
  for (const [at, sign] of [
    ['/app/settings/tokens', 'text=Expires'],
    [`${environment}/settings`, 'text=AWS Multi-Factor Authentication'],
    [`${environment}/variables`, 'text=declared'],
    [runPage, '[data-testid=run-page][data-status=applied]'],
  ] as const) {
    await page.goto(at);
    await page.locator(sign).first().waitFor();
    keep(at, `${await page.content()}\n${await page.evaluate(whatIsStored)}`);
  }
  keep('addresses', requests.map((request) => `${request.url()} ${request.headers()['referer'] ?? ''}`).join('\n'));
  keep('console', said.join('\n'));
  await context.close();
}

const backup = fileURLToPath(new URL('../../../packages/api/src/backup-main.ts', import.meta.url));

/** Backs up, looks at everything while it runs and once more when it has ended, and unpacks it all. */
export async function collect(stage: Stage): Promise<Leaving[]> {
  const { stack } = stage.site.gatehouse;
  const { dataDirectory, dev } = stack;
  const elsewhere = ['secrets', 'dev.json', 'cli'];
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=gatehouse-source', backup, 'backup', path.join(dataDirectory, 'backup.tgz')],
    { env: { GATEHOUSE_DATA_DIR: path.join(dataDirectory, 'api') } },
  );
  const { received } = stage.receiver;
  const all = [
    ...stage.leavings,
    { place: 'terminals', name: 'npm run backup', bytes: Buffer.from(stdout + stderr) },
    ...received.map(({ headers, body }, index) => ({
      place: 'notifications',
      name: `notification ${index}`,
      bytes: Buffer.from(JSON.stringify([headers, body])),
    })),
    ...(await keysOfRedis(dev.redisUrl)),
    ...(await filesIn('files while it runs', dataDirectory, elsewhere)),
    stage.redisEar.leaving(),
  ];
  stage.redisEar.stop();
  await stack.stop();
  return [...all, ...(await filesIn('files afterwards', dataDirectory, elsewhere))].flatMap((one) => unpacked(one));
}
