import { describe, expect, test } from 'vitest';
import { type PlanArtifact, packPlan, unpackPlan } from '../../src/phases/plan-artifact.ts';

const artifact: PlanArtifact = {
  terraformVersion: '1.11.4',
  directory: 'infra/prod',
  mirrored: ['registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64'],
  counts: { resourceAdditions: 1, resourceChanges: 2, resourceDestructions: 3, resourceImports: 4 },
  planFile: Buffer.from('PK\nplan'),
  tree: Buffer.from('\ntree\n'),
};

describe('what a plan leaves for its apply', () => {
  test('comes back as it was, whatever bytes it holds', () => {
    const { planFile, tree, ...head } = unpackPlan(packPlan(artifact));
    const { planFile: _plan, tree: _tree, ...headBefore } = artifact;
    expect(head).toEqual(headBefore);
    expect([String(planFile), String(tree)]).toEqual(['PK\nplan', '\ntree\n']);
  });

  test.each([
    ['an absolute directory', { directory: '/etc' }],
    ['a directory outside the tree', { directory: '../x' }],
    ['a directory that leaves the tree', { directory: 'a/../../x' }],
    ['a directory of two lines', { directory: 'a\nb' }],
    ['a provider outside the mirror', { mirrored: ['../../a/b/c'] }],
    ['a provider without a platform', { mirrored: ['registry.terraform.io/hashicorp/aws/5.100.0'] }],
  ])('is refused with %s', (_what, wrong) => {
    expect(() => unpackPlan(packPlan({ ...artifact, ...wrong }))).toThrow('Plan again.');
  });

  test('of another format is refused', () => {
    expect(() => unpackPlan(Buffer.from('{"format":1}\n'))).toThrow('Plan again.');
    expect(() => unpackPlan(Buffer.from('nonsense'))).toThrow('Plan again.');
  });
});
