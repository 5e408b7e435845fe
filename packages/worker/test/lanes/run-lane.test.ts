// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are terraform's templates
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { newId } from '@gatehouse/shared/ids';
import { cancelChannel, phaseJobId } from '@gatehouse/shared/jobs';
import { logKey } from '@gatehouse/shared/log-stream';
import { Secret } from '@gatehouse/shared/secret';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takePhase } from '../../src/lanes/run-lane.ts';
import { type PlanArtifact, packPlan, unpackPlan } from '../../src/phases/plan-artifact.ts';
import { archiveOf, eventually, openRunStand, type RunStand } from '../surroundings/run-stand.ts';

let stand: RunStand;
beforeAll(async () => {
  stand = await openRunStand();
});
afterAll(() => stand.close());

const greeting = `
variable "greeting" { default = "unset" }
variable "list" { default = [] }
resource "terraform_data" "a" { input = "\${var.greeting} in \${terraform.workspace} x\${length(var.list)}" }
output "said" { value = terraform_data.a.output }
`;

async function newRun(files: Record<string, string>): Promise<string> {
  const runId = newId('run');
  stand.api.run(runId).configuration = await archiveOf(files);
  return runId;
}

async function openPlan(runId: string): Promise<PlanArtifact> {
  const sealed = String(stand.api.run(runId).planArtifact);
  return unpackPlan(await stand.sealer.unseal(sealed, sealedContexts.planArtifact(runId)));
}

/** As only a worker can: nobody else has the key. */
async function sealPlan(runId: string, plan: PlanArtifact): Promise<void> {
  const sealed = await stand.sealer.seal(packPlan(plan), sealedContexts.planArtifact(runId));
  stand.api.run(runId).planArtifact = Buffer.from(sealed);
}

/** The types of terraform's JSON lines in a log. */
function typesIn(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{"@level"'))
    .map((line) => JSON.parse(line).type);
}

const terraformVariable = (key: string, value: string, more = {}) => ({
  key,
  value,
  category: 'terraform' as const,
  hcl: false,
  sensitive: false,
  ...more,
});
const environmentVariable = (key: string, value: string, more = {}) => ({
  ...terraformVariable(key, value, more),
  category: 'env' as const,
});

describe('plan and apply', () => {
  test('the saved plan is applied, with its variables, in the named workspace, on a forced backend', async () => {
    const runId = await newRun({
      'main.tf': `terraform {\n cloud {\n organization = "x"\n workspaces { name = "y" }\n }\n}\n${greeting}`,
      'a.auto.tfvars': 'greeting = "from the configuration"',
    });
    const variables = [
      terraformVariable('greeting', 'hello ${name}'),
      terraformVariable('list', '[1, 2]', { hcl: true }),
    ];
    const plan = await stand.run(runId, 'plan', { variables });
    expect(plan.log).toContain('hello ${name} in prod x2');
    expect(plan.outcome).toEqual({
      kind: 'finished',
      hasChanges: true,
      resourceAdditions: 1,
      resourceChanges: 0,
      resourceDestructions: 0,
      resourceImports: 0,
    });
    expect(JSON.parse(String(stand.api.run(runId).planJson))).toMatchObject({
      resource_changes: [{ type: 'terraform_data' }],
    });
    expect(stand.api.run(runId).states).toHaveLength(0);

    const apply = await stand.run(runId, 'apply', { variables: [terraformVariable('greeting', 'changed meanwhile')] });
    expect(apply.outcome).toMatchObject({ kind: 'finished', resourceAdditions: 1 });
    const state = JSON.parse(String(stand.api.run(runId).state));
    expect(state.outputs.said.value).toBe('hello ${name} in prod x2');
    expect(apply.log).toContain('Apply complete!');
    expect(await readdir(stand.workDir)).not.toContain(apply.claim.claimId);
  });

  test('with structured output the log holds JSON lines, ours between as text, and secrets are masked in their escapes', async () => {
    const secret = 'p"ss<word>\\tail';
    const runId = await newRun({
      'main.tf': `variable "pw" {}
resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    command = "printenv PW"
    environment = { PW = var.pw }
  }
}
output "o" { value = var.pw }`,
    });
    const variables = [terraformVariable('pw', secret, { sensitive: true })];
    const wishes = { variables, structuredOutput: true, wantsProviderSchemas: true };
    const plan = await stand.run(runId, 'plan', wishes);
    expect(plan.outcome).toMatchObject({ kind: 'finished', resourceAdditions: 1 });
    expect(typesIn(plan.log)).toEqual(expect.arrayContaining(['version', 'planned_change', 'change_summary']));
    expect(plan.log).toContain('Gatehouse: plan finished: 1 to add');
    const sent = JSON.parse(String(stand.api.run(runId).providerSchemas));
    expect(sent.format_version).toBe('1.0');
    expect(Object.keys(sent.provider_schemas['terraform.io/builtin/terraform'])).toEqual(['resource_schemas']);

    const apply = await stand.run(runId, 'apply', wishes);
    expect(apply.outcome).toMatchObject({ kind: 'finished' });
    expect(typesIn(apply.log)).toEqual(expect.arrayContaining(['apply_complete', 'provision_progress', 'outputs']));
    // Written to the state, so it was there to be printed.
    expect(JSON.parse(String(stand.api.run(runId).state)).outputs.o.value).toBe(secret);
    for (const log of [plan.log, apply.log]) expect(log).not.toMatch(/word|tail/);
    expect(apply.log).toContain('[masked]');
  });

  test('a plan that nobody draws brings no schemas', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    const plan = await stand.run(runId, 'plan');
    expect(typesIn(plan.log)).toEqual([]);
    expect(stand.api.run(runId).providerSchemas).toBeUndefined();
  });

  test('a second run continues the state; without changes there is nothing to apply', async () => {
    const first = await newRun({ 'main.tf': greeting });
    await stand.run(first, 'plan');
    await stand.run(first, 'apply');
    const second = await newRun({ 'main.tf': greeting });
    const before = stand.api.run(first).state;
    if (before !== undefined) stand.api.run(second).state = before;
    const plan = await stand.run(second, 'plan');
    expect(plan.outcome).toMatchObject({ kind: 'finished', hasChanges: false });
    expect(plan.log).toContain('No changes.');
    expect(stand.api.run(second).planArtifact).toBeUndefined();

    const third = await newRun({ 'main.tf': greeting });
    if (before !== undefined) stand.api.run(third).state = before;
    const destroy = await stand.run(third, 'plan', { isDestroy: true });
    expect(destroy.outcome).toMatchObject({ hasChanges: true, resourceDestructions: 1 });
    await stand.run(third, 'apply', { isDestroy: true });
    expect(JSON.parse(String(stand.api.run(third).state)).resources).toEqual([]);
  });

  test('the workspace "default" has its state where others have theirs', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    const workspace = { id: 'ws-2', name: 'default' };
    await stand.run(runId, 'plan', { workspace });
    const apply = await stand.run(runId, 'apply', { workspace });
    expect(apply.outcome).toMatchObject({ kind: 'finished' });
    expect(JSON.parse(String(stand.api.run(runId).state)).outputs.said.value).toBe('unset in default x0');
  });

  test('a configuration in a folder reads its files at apply time too', async () => {
    const runId = await newRun({
      'infra/prod/main.tf': `resource "terraform_data" "a" {\n provisioner "local-exec" { command = "cat ../../shared.txt" }\n}`,
      'shared.txt': 'read-at-apply',
    });
    await stand.run(runId, 'plan', { workingDirectory: 'infra/prod' });
    const apply = await stand.run(runId, 'apply', { workingDirectory: 'infra/prod' });
    expect(apply.log).toContain('read-at-apply');
    expect(apply.outcome).toMatchObject({ kind: 'finished' });
  });

  test('a plan that was tampered with is not applied', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    const artifact = stand.api.run(runId).planArtifact;
    if (artifact === undefined) throw new Error('there is no plan');
    artifact[artifact.length - 40] = (artifact[artifact.length - 40] ?? 0) === 65 ? 66 : 65;
    const apply = await stand.run(runId, 'apply');
    expect(apply.outcome).toMatchObject({ kind: 'failed', reason: 'worker_error' });
    expect(stand.api.run(runId).states).toHaveLength(0);
  });

  test('what is applied is the plan that was sealed, whatever lies in the tree', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan', { variables: [terraformVariable('greeting', 'of the other run')] });
    const other = await openPlan(runId);
    const second = await newRun({ 'main.tf': greeting });
    await stand.run(second, 'plan', { variables: [terraformVariable('greeting', 'of this run')] });
    await sealPlan(second, { ...(await openPlan(second)), tree: other.tree });
    const apply = await stand.run(second, 'apply');
    expect(apply.outcome).toMatchObject({ kind: 'finished' });
    expect(JSON.parse(String(stand.api.run(second).state)).outputs.said.value).toBe('of this run in prod x0');
  });

  test('an apply initializes only where the plan could not vouch for its providers, and then checks the backend', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    const plan = await openPlan(runId);
    expect(plan.mirrored).toEqual([]);

    await sealPlan(runId, { ...plan, mirrored: null });
    const initialized = await stand.run(runId, 'apply');
    expect(initialized.outcome).toMatchObject({ kind: 'finished' });
    expect(initialized.log).toContain('Terraform has been successfully initialized!');

    const again = await newRun({ 'main.tf': greeting });
    await stand.run(again, 'plan');
    const { outcome, log } = await stand.run(again, 'apply');
    expect(outcome).toMatchObject({ kind: 'finished' });
    expect(log).not.toContain('Initializing');
  });

  test('an apply initializes where this worker has not the providers that were planned with', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    await sealPlan(runId, { ...(await openPlan(runId)), mirrored: ['registry.terraform.io/a/b/1.0.0/linux_amd64'] });
    expect((await stand.run(runId, 'apply')).log).toContain('Terraform has been successfully initialized!');
  });

  test('an apply takes the version that planned, or none', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    await sealPlan(runId, { ...(await openPlan(runId)), terraformVersion: '0.0.1' });
    expect((await stand.run(runId, 'apply')).outcome).toMatchObject({
      kind: 'failed',
      reason: 'terraform_unavailable',
    });
    expect(stand.api.run(runId).states).toHaveLength(0);
  });

  test('a tree that cannot be unpacked is not applied', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    await sealPlan(runId, { ...(await openPlan(runId)), tree: Buffer.from('no tree') });
    const apply = await stand.run(runId, 'apply');
    expect(apply.outcome).toMatchObject({ kind: 'failed', reason: 'worker_error' });
    expect(apply.log).not.toContain('Apply complete!');
    expect(stand.api.run(runId).states).toHaveLength(0);
  });

  test('the plan of another run is not applied', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    const other = await newRun({ 'main.tf': greeting });
    const artifact = stand.api.run(runId).planArtifact;
    if (artifact !== undefined) stand.api.run(other).planArtifact = artifact;
    expect((await stand.run(other, 'apply')).outcome).toMatchObject({ kind: 'failed', reason: 'worker_error' });
  });
});

describe('what cannot run', () => {
  test.each([
    [
      'HCL that does not parse',
      { 'main.tf': 'resource {' },
      {},
      'terraform_failed',
      'terraform init ended with an error',
    ],
    [
      'an error while planning',
      { 'main.tf': 'output "a" { value = file("none") }' },
      {},
      'terraform_failed',
      'terraform plan ended with an error',
    ],
    [
      'a working directory that is missing',
      { 'main.tf': '' },
      { workingDirectory: 'no/such' },
      'working_directory_missing',
      '"no/such" does not exist',
    ],
    [
      'a version that is not here',
      { 'main.tf': '' },
      { terraformVersion: '0.12.31' },
      'terraform_unavailable',
      'asks for terraform 0.12.31; this worker has terraform 1.',
    ],
    [
      'an override file that outranks ours',
      { 'main.tf': '', '~~~~~~~~z_override.tf': 'terraform {\n backend "local" { path = "/tmp/mine" }\n}' },
      {},
      'configuration_invalid',
      'outranks the one of Gatehouse',
    ],
  ] as const)('%s', async (_what, files, wishes, reason, sentence) => {
    const { outcome, log } = await stand.run(await newRun(files), 'plan', wishes);
    expect(outcome).toMatchObject({ kind: 'failed', reason });
    expect(log).toContain(sentence);
    expect(log).toContain(`Gatehouse: plan failed (${reason})`);
  });

  test('an archive that is none', async () => {
    const runId = newId('run');
    stand.api.run(runId).configuration = Buffer.from('no archive at all');
    const { outcome, log } = await stand.run(runId, 'plan');
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'configuration_invalid' });
    expect(log).toContain('not a readable tar.gz');
  });

  test('a state, a .terraform folder and a provider binary of the upload are not used', async () => {
    const runId = await newRun({
      'main.tf': greeting,
      'terraform.tfstate': '{"version":4,"serial":9,"lineage":"evil","resources":[]}',
      '.terraform/terraform.tfstate': '{"version":3,"backend":{"type":"http","config":{},"hash":1}}',
      'terraform.d/plugins/registry.terraform.io/evil/evil/1.0.0/linux_amd64/terraform-provider-evil': 'x',
    });
    expect((await stand.run(runId, 'plan')).outcome).toMatchObject({ kind: 'finished', hasChanges: true });
  });

  test('a phase that somebody else has claimed is dropped without a word', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await takePhase(stand.dependencies, phaseJobId(runId, 'plan'));
    expect(await stand.redis.exists(logKey(runId, 'plan'))).toBe(0);
    expect(stand.outcome(runId, 'plan')).toBeUndefined();
  });

  test('a session that is gone', async () => {
    const { outcome } = await stand.run(await newRun({ 'main.tf': greeting }), 'plan', {
      aws: { source: 'challenge' },
    });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'session_lost' });
  });
});

describe('secrets', () => {
  const session = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: new Secret('session-secret-key-value'),
    sessionToken: new Secret('session-token-value'),
    expiresAt: new Date(Date.now() + 3_600_000),
  };

  test('the run gets its session from its endpoint; what it prints of it is masked; Redis forgets it', async () => {
    const command =
      'env; curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"; echo; echo key=$MY_KEY b64=$(echo -n "x$MY_KEY" | base64)';
    const runId = await newRun({
      'main.tf': `variable "sensitive_one" {}\nresource "terraform_data" "a" {\n provisioner "local-exec" { command = ${JSON.stringify(command.replaceAll('$', '$')).replaceAll('${', '$${')} }\n}\noutput "o" { value = "<\${nonsensitive(var.sensitive_one)}>" }`,
    });
    const variables = [
      environmentVariable('MY_KEY', 'env-secret-value', { sensitive: true }),
      terraformVariable('sensitive_one', 'terraform-secret-value', { sensitive: true }),
    ];
    await stand.dependencies.sessions.put(runId, 'plan', session);
    await stand.dependencies.sessions.put(runId, 'apply', session);
    const aws = { source: 'challenge' as const };
    const plan = await stand.run(runId, 'plan', { aws, variables });
    const apply = await stand.run(runId, 'apply', { aws, variables });
    expect(apply.outcome).toMatchObject({ kind: 'finished' });
    expect(apply.log).toContain('"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"[masked]","Token":"[masked]"');
    expect(apply.log).toContain('key=[masked]');
    expect(plan.log).toContain('<[masked]>');
    expect(apply.log).not.toContain('AWS_SECRET_ACCESS_KEY');
    for (const secret of [
      'session-secret-key-value',
      'session-token-value',
      'env-secret-value',
      'terraform-secret-value',
    ]) {
      expect(plan.log + apply.log).not.toContain(secret);
      expect(plan.log + apply.log).not.toContain(Buffer.from(secret).toString('base64').slice(2, -4));
      expect(String(stand.api.run(runId).planArtifact)).not.toContain(secret);
    }
    expect(plan.log + apply.log).not.toContain(apply.claim.jobToken);
    expect(await stand.sessionKeyExists(runId, 'plan')).toBe(false);
    expect(await stand.sessionKeyExists(runId, 'apply')).toBe(false);
  });

  test('on wish the session is in plain variables', async () => {
    const runId = await newRun({ 'main.tf': 'output "env" { value = split("\\u0000", file("/proc/self/environ")) }' });
    await stand.dependencies.sessions.put(runId, 'plan', session);
    const { log } = await stand.run(runId, 'plan', { aws: { source: 'challenge' }, awsDelivery: 'environment' });
    expect(log).not.toContain('session-secret-key-value');
    expect(log).toContain('AWS_ACCESS_KEY_ID=ASIAEXAMPLE');
    expect(log).toContain('AWS_SECRET_ACCESS_KEY=[masked]');
  });

  test('variables that would take terraform out of our hands are left out, and that is said', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    const variables = [
      environmentVariable('LD_PRELOAD', '/workspace/evil.so'),
      environmentVariable('TF_CLI_ARGS_plan', '-destroy'),
      environmentVariable('TF_WORKSPACE', 'other'),
      environmentVariable('TF_VAR_greeting', 'by environment'),
    ];
    const { log, outcome } = await stand.run(runId, 'plan', { variables });
    expect(outcome).toMatchObject({ kind: 'finished', resourceAdditions: 1 });
    expect(log).toContain('by environment in prod');
    expect(log).toContain('the environment variable LD_PRELOAD is left out');
    expect(log).toContain('the environment variable TF_CLI_ARGS_plan is left out');
  });
});

/** Two resources in a row: the first done at once, the second long. */
const slow = `
resource "terraform_data" "first" { input = "made" }
resource "terraform_data" "second" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = "echo second begins; for i in $(seq 200); do sleep 0.3; echo tick; done" }
}
resource "terraform_data" "third" { depends_on = [terraform_data.second] }
`;

async function startSlowApply(wishes = {}) {
  const runId = await newRun({ 'main.tf': slow });
  await stand.run(runId, 'plan');
  const claim = await stand.offer(runId, 'apply', wishes);
  const done = takePhase(stand.dependencies, phaseJobId(runId, 'apply'));
  await eventually(async () => (await stand.log(runId, 'apply')).includes('second begins'));
  return { runId, claim, done };
}

const resourcesOf = (state: Buffer | undefined): string[] =>
  JSON.parse(String(state)).resources.map(({ name }: { name: string }) => name);

describe('stopping', () => {
  test('a state that changes while terraform runs is stored at once', async () => {
    const { runId, claim, done } = await startSlowApply();
    await eventually(
      () => stand.api.run(runId).state !== undefined && resourcesOf(stand.api.run(runId).state).includes('first'),
    );
    stand.dependencies.active.stop(claim.claimId, 'canceled', 'kill');
    await done;
  });

  test('a cancellation interrupts gracefully: the state is whole and the rest is not started', async () => {
    const { runId, done } = await startSlowApply();
    const channel = cancelChannel(runId, 'apply');
    await stand.redis.publish(channel, 'forged');
    await stand.redis.publish(
      channel,
      await stand.sealer.seal('{"mode":"kill"}', cancelChannel(newId('run'), 'apply')),
    );
    await stand.redis.publish(channel, await stand.sealer.seal('{"mode":"interrupt"}', channel));
    await done;
    expect(stand.outcome(runId, 'apply')).toEqual({ kind: 'canceled', forced: false });
    const log = await stand.log(runId, 'apply');
    expect(log).toContain('the run was canceled; terraform is asked to stop');
    expect(log).toContain('Interrupt received');
    expect(resourcesOf(stand.api.run(runId).state).sort()).toEqual(['first', 'second']);
  });

  test('a forced one kills; what was created before is in the state', async () => {
    const { runId, done } = await startSlowApply();
    const channel = cancelChannel(runId, 'apply');
    await stand.redis.publish(channel, await stand.sealer.seal('{"mode":"kill"}', channel));
    await done;
    expect(stand.outcome(runId, 'apply')).toEqual({ kind: 'canceled', forced: true });
    expect(resourcesOf(stand.api.run(runId).state)).toContain('first');
  });

  test('a phase that takes too long is interrupted', async () => {
    const { runId, done } = await startSlowApply({ timeoutMs: 4_000 });
    await done;
    expect(stand.outcome(runId, 'apply')).toMatchObject({ kind: 'failed', reason: 'phase_timeout' });
    expect(resourcesOf(stand.api.run(runId).state)).toContain('first');
  });

  test('before the session ends terraform is interrupted', async () => {
    const runId = await newRun({ 'main.tf': slow });
    await stand.run(runId, 'plan');
    await stand.dependencies.sessions.put(runId, 'apply', {
      accessKeyId: 'ASIASHORT',
      secretAccessKey: new Secret('a-short-session-key'),
      sessionToken: new Secret('a-short-session-token'),
      expiresAt: new Date(Date.now() + 4_000),
    });
    const { outcome, log } = await stand.run(runId, 'apply', { aws: { source: 'challenge' } });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'session_expired' });
    expect(log).toContain('the AWS session ends; terraform is asked to stop');
  });

  test('a log that somebody else continued ends the phase at once', async () => {
    const { runId, done } = await startSlowApply();
    const key = logKey(runId, 'apply');
    await stand.redis.xadd(key, '99999999-0', 'd', 'the phase was given up');
    // Terraform's next line is the one that finds out.
    await done;
    expect(stand.outcome(runId, 'apply')).toMatchObject({ kind: 'failed', reason: 'worker_lost' });
  });
});

describe('an api that is away', () => {
  test('the state is stored when it is back, and the apply ends well', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    await stand.offer(runId, 'apply');
    stand.api.refuseStates('unavailable');
    const done = takePhase(stand.dependencies, phaseJobId(runId, 'apply'));
    await eventually(() => stand.api.requests.includes(`PUT /runs/${runId}/state`));
    await stand.api.goAway();
    stand.api.refuseStates(undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stand.api.comeBack();
    await done;
    expect(stand.outcome(runId, 'apply')).toMatchObject({ kind: 'finished' });
    expect(JSON.parse(String(stand.api.run(runId).state)).outputs.said.value).toBe('unset in prod x0');
  });

  test('a state that cannot be stored is kept on the disk and stored later', async () => {
    const runId = await newRun({ 'main.tf': greeting });
    await stand.run(runId, 'plan');
    stand.api.refuseStates('state_invalid');
    const { outcome, log } = await stand.run(runId, 'apply');
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'state_unavailable' });
    expect(log).toContain('The last state could not be stored');
    const file = path.join(stand.workDir, 'kept-states', `${runId}.errored.tfstate`);
    expect(JSON.parse(await readFile(file, 'utf8')).outputs.said.value).toBe('unset in prod x0');
    await stand.dependencies.keptStates.retry();
    expect(existsSync(file)).toBe(true);
    stand.api.refuseStates(undefined);
    await stand.dependencies.keptStates.retry();
    expect(existsSync(file)).toBe(false);
    expect(JSON.parse(String(stand.api.run(runId).state)).outputs.said.value).toBe('unset in prod x0');
  });
});
