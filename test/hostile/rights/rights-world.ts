import { DatabaseSync } from 'node:sqlite';
import { newId } from '@gatehouse/shared/ids';
import { type Phase, startedEvent } from '@gatehouse/shared/run-status';
import { Secret } from '@gatehouse/shared/secret';
import { hashOfToken } from '../../../packages/api/src/domain/bearer-token.ts';
import { issueJobToken } from '../../../packages/api/src/services/job-token.ts';
import { withRoutes } from '../../../packages/api/test/route-table.ts';
import { type Person, type Resource, type RunningApi, startApi } from '../../../packages/api/test/running-api.ts';

type Document = { type?: string; attributes?: object; relationships?: object };

/** What the parameters of a path stand for, by the words before them, in one organization. */
export type Things = Record<string, string>;

/**
 * The whole api on a port of its own with two organizations, each with one of every kind of thing: `acme`, whose things are
 * asked for, and `rival`, whose people ask.
 */
export async function startRightsWorld() {
  const { built: api, routes } = await withRoutes(() =>
    // No worker answers here.
    startApi({ exchangeWaitMs: 100 }),
  );
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const file = new DatabaseSync(api.databaseFile);
  const root = await api.person('root', { isSiteAdmin: true });

  async function post(who: Pick<Person, 'token'>, path: string, data: Document): Promise<Resource> {
    const headers = { authorization: `Bearer ${who.token}` };
    const answer = await api.ask({ method: 'POST', url: `/api/v2${path}`, headers, payload: { data } });
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    return answer.data();
  }

  async function tokenOf(who: Person, path: string): Promise<string> {
    return String((await post(who, path, { attributes: {} })).attributes['token']);
  }

  function idOf(statement: string, ...values: string[]): string {
    const row = file.prepare(statement).get(...values);
    if (row === undefined) throw new Error(`Nothing there: ${statement}`);
    return String(row['id']);
  }

  /** A run as if a worker had claimed its phase. */
  async function claimed(who: Person, organization: string, name: string, phase: Phase) {
    const attributes = { name, 'mfa-level': 'never' };
    const workspace = await post(who, `/organizations/${organization}/workspaces`, { attributes });
    const version = await post(who, `/workspaces/${workspace.id}/configuration-versions`, {
      attributes: { 'auto-queue-runs': false },
    });
    file.prepare("update configuration_versions set status = 'uploaded' where id = ?").run(version.id);
    const run = await post(who, '/runs', {
      relationships: { workspace: { data: { type: 'workspaces', id: workspace.id } } },
    });
    const claimId = newId('claim');
    file
      .prepare('update run_phases set claim_id = ?, started_at = ? where run_id = ? and phase = ?')
      .run(claimId, api.clock.now().getTime(), run.id, phase);
    file
      .prepare('insert into run_history (run_id, event, from_status, to_status, at, by) values (?, ?, ?, ?, ?, ?)')
      .run(
        run.id,
        startedEvent[phase],
        `${phase}_queued`,
        phase === 'plan' ? 'planning' : 'applying',
        api.clock.now().getTime(),
        'worker',
      );
    file.prepare('update runs set status = ? where id = ?').run(phase === 'plan' ? 'planning' : 'applying', run.id);
    const job = (expiresInMs: number) =>
      issueJobToken(api.parts, {
        runId: run.id,
        phase,
        claimId,
        expiresAt: new Date(api.clock.now().getTime() + expiresInMs),
      });
    return { workspace, version, run, token: await job(3_600_000), expiredToken: await job(-1) };
  }

  async function organization(name: string, owner: Person, member: Person) {
    await api.organization(name, { owner, member });
    const at = `/organizations/${name}`;
    const own = (path: string, data: Document) => post(owner, path, data);
    const planning = await claimed(owner, name, 'network', 'plan');
    const applying = await claimed(owner, name, 'cluster', 'apply');
    const [ws, run] = [planning.workspace.id, planning.run.id];
    const variable = { key: 'stage', value: 'prod', category: 'terraform' };
    const variableSet = await own(`${at}/varsets`, { attributes: { name: 'shared' } });
    const team = await own(`${at}/teams`, { attributes: { name: 'ci', visibility: 'organization' } });
    const project = await own(`${at}/projects`, { attributes: { name: 'shop' } });
    await own(`/runs/${run}/comments`, { attributes: { body: 'Looks good.' } });
    const notification = await own(`/workspaces/${ws}/notification-configurations`, {
      attributes: { name: 'hook', 'destination-type': 'generic', url: 'https://example.com/hook', triggers: [] },
    });
    const tag = { attributes: { name: `tag-of-${name}` } };
    const headers = { authorization: `Bearer ${owner.token}` };
    const tagged = await api.ask({
      method: 'POST',
      url: `/api/v2/workspaces/${ws}/relationships/tags`,
      headers,
      payload: { data: [{ type: 'tags', ...tag }] },
    });
    if (tagged.status >= 300) throw new Error(tagged.text);
    const state = JSON.stringify({
      version: 4,
      terraform_version: '1.11.4',
      serial: 1,
      lineage: name,
      outputs: { address: { value: 'secret-address', type: 'string', sensitive: true } },
      resources: [],
    });
    await fetch(`${url}/api/worker/v1/runs/${applying.run.id}/state`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${applying.token}` },
      body: state,
    });
    const events = await api.as(owner).get(`/runs/${run}/run-events`);
    const now = api.clock.now().getTime();
    const identity = newId('awsIdentity');
    file
      .prepare('insert into aws_identities values (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        identity,
        name,
        owner.id,
        'AKIAIOSFODNN7EXAMPLE',
        'sealed',
        '',
        'arn:aws:iam::123456789012:user/x',
        now,
        now,
      );
    const check = newId('awsCheck');
    const subject = {
      identity: 'organization',
      workspaceId: null,
      accessKeyId: null,
      mfaSerial: null,
      role: null,
      code: null,
      results: [],
    };
    file
      .prepare('insert into aws_checks values (?, ?, ?, ?, null, null, ?, ?, null)')
      .run(check, name, 'waiting', JSON.stringify(subject), owner.id, now);
    const things: Things = {
      organization: name,
      workspaces: ws,
      workspaceName: 'network',
      project: project.id,
      projects: project.id,
      runs: run,
      'applying-run': applying.run.id,
      'configuration-versions': planning.version.id,
      plans: idOf("select id from run_phases where run_id = ? and phase = 'plan'", run),
      applies: idOf("select id from run_phases where run_id = ? and phase = 'apply'", run),
      'run-events': events.list()[0]?.id ?? '',
      comments: idOf('select id from comments where run_id = ?', run),
      'state-versions': idOf('select id from state_versions where workspace_id = ?', applying.workspace.id),
      'state-version-outputs': idOf(
        'select o.id from state_version_outputs o join state_versions v on v.id = o.state_version_id where v.workspace_id = ?',
        applying.workspace.id,
      ),
      'workspaces/vars': (await own(`/workspaces/${ws}/vars`, { attributes: variable })).id,
      'organizations/vars': (await own(`${at}/vars`, { attributes: variable })).id,
      'varsets/vars': (await own(`/varsets/${variableSet.id}/relationships/vars`, { attributes: variable })).id,
      varsets: variableSet.id,
      teams: team.id,
      tags: idOf('select id from tags where organization = ?', name),
      'notification-configurations': notification.id,
      'organization-memberships': idOf(
        "select id from memberships where organization = ? and role = 'member' and user_id = ?",
        name,
        member.id,
      ),
      users: owner.id,
      'authentication-tokens': idOf('select id from api_tokens where user_id = ?', owner.id),
      'aws-identities': identity,
      'aws-checks': check,
      sessions: session(owner, 3_600_000).id,
      challenges: newId('challenge'),
      workers: 'worker-1',
    };
    const teamToken = await tokenOf(owner, `/teams/${team.id}/authentication-token`);
    const organizationToken = await tokenOf(owner, `${at}/authentication-token`);
    /** A job token whose phase was ended meanwhile. */
    const ended = async () => {
      const gone = await claimed(owner, name, 'ended', 'plan');
      file.prepare("update runs set status = 'canceled' where id = ?").run(gone.run.id);
      return gone;
    };
    return { owner, member, things, planning, applying, teamToken, organizationToken, ended: await ended() };
  }

  function session(of: Person, endsInMs: number): { id: string; cookie: string } {
    const [id, text, now] = [newId('session'), newId('session'), api.clock.now().getTime()];
    file
      .prepare(
        'insert into web_sessions (id, user_id, token_hash, created_at, last_used_at, expires_at) values (?, ?, ?, ?, ?, ?)',
      )
      .run(id, of.id, hashOfToken(new Secret(text)), now, now, now + endsInMs);
    return { id, cookie: `gatehouse=${text}` };
  }

  const acme = await organization('acme', await api.person('olga'), await api.person('mia'));
  const rival = await organization('rival', await api.person('sam'), await api.person('uma'));
  const worker = await fetch(`${url}/api/worker/v1/workers/worker-1/heartbeat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.config.workerToken.reveal()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'w', version: '2', concurrency: 1, sandbox: 'none', draining: false, claims: [] }),
  });
  if (!worker.ok) throw new Error(await worker.text());
  const sessions = {
    open: session(acme.owner, 3_600_000),
    over: session(acme.owner, -1),
    admin: session(root, 3_600_000),
  };

  return {
    api,
    url,
    routes,
    file,
    root,
    acme,
    rival,
    sessions,
    async close(): Promise<void> {
      file.close();
      api.app.server.closeAllConnections();
      await api.close();
    },
  };
}

export type RightsWorld = Awaited<ReturnType<typeof startRightsWorld>>;
export type { RunningApi };
