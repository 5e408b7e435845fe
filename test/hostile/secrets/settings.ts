import { randomBytes } from 'node:crypto';
import { encodeBase32 } from '@gatehouse/sts-emulator/base32';
import { awkward } from './configuration.ts';
import { canary, done, type Stage } from './stage.ts';

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
