import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { readAwsKeys } from '../../src/services/aws-variables.ts';
import { runVariablesContext } from '../../src/services/create-run.ts';
import { createVariableSet, removeVariableSet, updateVariableSet } from '../../src/services/set-variable-set.ts';
import type { Run } from '../../src/store/runs.ts';
import { variables } from '../../src/store/schema/variables.ts';
import type { VariableSet } from '../../src/store/variable-sets.ts';
import { deleteVariable } from '../../src/store/variables.ts';
import type { Workspace } from '../../src/store/workspaces.ts';
import { code, goodKeys, goodSerial, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
let count = 0;
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000 });
});
afterAll(() => world.close());

type Values = Record<string, string>;

function variableSet(
  values: { env?: Values; terraform?: Values },
  more: { in?: Workspace; global?: boolean; priority?: boolean } = {},
  of: RunWorld = world,
): Promise<VariableSet> {
  const list = (category: 'env' | 'terraform') =>
    Object.entries(values[category] ?? {}).map(([key, value]) => {
      const flags = { sensitive: false, hcl: false, description: '' };
      return { key, value, category, ...flags };
    });
  return createVariableSet(of, of.olga, 'acme', {
    input: { name: `set ${++count}`, description: '', global: more.global ?? false, priority: more.priority ?? false },
    workspaceIds: more.in === undefined ? [] : [more.in.id],
    variables: [...list('env'), ...list('terraform')],
  });
}

/** `env/NAME` → value, as terraform will get it. */
async function pinned(run: Run): Promise<Values> {
  const text = await world.sealer.unsealText(run.sealedVariables, runVariablesContext(run.id));
  const rows = z.array(z.object({ key: z.string(), category: z.string(), value: z.string() })).parse(JSON.parse(text));
  return Object.fromEntries(rows.map(({ key, category, value }) => [`${category}/${key}`, value]));
}

describe('what a run is queued with', () => {
  test('comes from the sets of its workspace, below what the workspace has itself', async () => {
    const workspace = await world.workspace('never');
    await variableSet({ env: { A: 'set', B: 'set' }, terraform: { A: 'set' } }, { in: workspace });
    await world.variable('B', 'workspace', { workspaceId: workspace.id });
    expect(await pinned(await world.run(workspace))).toEqual({
      'env/A': 'set',
      'env/B': 'workspace',
      'terraform/A': 'set',
    });
    expect(await pinned(await world.run(await world.workspace('never')))).toEqual({});
  });

  test('stays, whatever becomes of the set', async () => {
    const workspace = await world.workspace('never');
    const set = await variableSet({ env: { A: 'then' } }, { in: workspace });
    const run = await world.run(workspace);
    await removeVariableSet(world, world.olga, set.id);
    expect(await pinned(run)).toEqual({ 'env/A': 'then' });
    expect(await pinned(await world.run(workspace))).toEqual({});
  });

  test("is the run's own over the workspace's, but never over a priority set", async () => {
    const workspace = await world.workspace('never');
    await world.variable('size', 'workspace', { workspaceId: workspace.id, category: 'terraform' });
    await world.variable('region', 'workspace', { workspaceId: workspace.id, category: 'terraform' });
    await variableSet({ terraform: { region: 'priority' } }, { in: workspace, priority: true });
    const variables = [
      { key: 'size', value: '"run"' },
      { key: 'region', value: '"run"' },
    ];
    expect(await pinned(await world.run(workspace, { variables }))).toEqual({
      'terraform/size': '"run"',
      'terraform/region': 'priority',
    });
  });

  test('never holds the keys, also when they come from a set', async () => {
    const workspace = await world.workspace('never');
    await variableSet({ env: { ...goodKeys, AWS_MFA_SERIAL_NUMBER: goodSerial, A: 'a' } }, { in: workspace });
    expect(await pinned(await world.run(workspace))).toEqual({ 'env/A': 'a' });
  });
});

describe('the AWS variables that MFA needs (M2)', () => {
  test('may come from a set, and are missing again when the set is taken away', async () => {
    const bare = await startRunWorld();
    try {
      for (const row of bare.database.select().from(variables).all()) {
        await deleteVariable(bare.database, bare.olga, row, new Date());
      }
      const workspace = await bare.workspace('applies_only');
      const given = { env: { ...goodKeys, AWS_MFA_SERIAL_NUMBER: goodSerial } };
      const set = await variableSet(given, { in: workspace }, bare);
      await expect(bare.run(workspace)).resolves.toMatchObject({ status: 'plan_queued', mfaSerial: goodSerial });
      await updateVariableSet(bare, bare.olga, set.id, { input: {}, workspaceIds: [] });
      await expect(bare.run(workspace)).rejects.toThrowError(
        expect.objectContaining({
          code: 'aws_variable_missing',
          message: expect.stringContaining('in a variable set'),
        }),
      );
    } finally {
      await bare.close();
    }
  });

  test("of a priority set are the ones that are used, over the workspace's", async () => {
    const workspace = await world.workspace('never');
    await world.variable('AWS_ACCESS_KEY_ID', 'AKIAOFTHEWORKSPACE00', { workspaceId: workspace.id });
    await variableSet({ env: { AWS_ACCESS_KEY_ID: 'AKIAOFTHESET00000000' } }, { in: workspace, priority: true });
    const keys = await readAwsKeys(world, { organization: 'acme', workspaceId: workspace.id });
    expect(keys?.accessKeyId).toBe('AKIAOFTHESET00000000');
  });

  test('tell devices apart by what holds: one code is for one device, wherever it is set', async () => {
    const [same, other] = [await world.workspace('plans_and_applies'), await world.workspace('plans_and_applies')];
    await variableSet({ env: { ...goodKeys, AWS_MFA_SERIAL_NUMBER: goodSerial } }, { in: same });
    await variableSet({ env: { AWS_MFA_SERIAL_NUMBER: 'arn:aws:iam::123456789012:mfa/other' } }, { in: other });
    const plain = await world.run(await world.workspace('plans_and_applies'));
    const [runOfSame, runOfOther] = [await world.run(same), await world.run(other)];
    const lane = world.gateLane(() => 'accept');
    try {
      const submit = (runs: readonly Run[], text: string) =>
        authenticateRuns(world, {
          organization: 'acme',
          runIds: runs.map(({ id }) => id),
          tokenCode: code(text),
          by: world.mia,
        });
      await expect(submit([plain, runOfOther], '300001')).rejects.toThrowError(
        expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(runOfOther.id) }),
      );
      expect(lane.calls).toHaveLength(0);
      const outcomes = await submit([plain, runOfSame], '300002');
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['authenticated', 'authenticated']);
      expect(lane.calls).toHaveLength(1);
    } finally {
      await lane.close();
    }
  });
});
