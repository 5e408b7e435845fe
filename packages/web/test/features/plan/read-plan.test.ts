import { describe, expect, test } from 'vitest';
import { samplePlan } from '../../../gallery/sample-plan.ts';
import { attributeDiffs } from '../../../src/features/plan/attribute-diff.ts';
import { consentCounts, countPlan, isDestructive, terraformsCounting } from '../../../src/features/plan/plan-counts.ts';
import { type Plan, readPlan } from '../../../src/features/plan/read-plan.ts';

function setup(): Plan {
  const plan = readPlan(samplePlan);
  if (plan === undefined) throw new Error('The sample is a plan.');
  return plan;
}

describe('a plan', () => {
  test('shows what is lost first, and no reads', () => {
    expect(setup().resources.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'destroy aws_eip.old',
      'replace aws_nat_gateway.this[0]',
      'change aws_db_instance.main',
      'change module.vpc.aws_route.private[0]',
      'add module.vpc.aws_subnet.private["eu-west-1a"]',
      'add module.vpc.aws_subnet.private["eu-west-1b"]',
      'add module.vpc.aws_subnet.private["eu-west-1c"]',
    ]);
  });

  test('is counted in our way and in terraform’s', () => {
    const counts = countPlan(setup());
    expect(consentCounts(counts)).toBe('3 added, 2 changed, 1 replaced, 1 destroyed');
    expect(terraformsCounting(counts)).toBe('4 to add, 2 to change, 2 to destroy');
    expect(isDestructive(counts)).toBe(true);
  });

  test('shows moves and imports, which change nothing else', () => {
    const change = { actions: ['no-op'], before: {}, after: {} };
    const plan = readPlan({
      format_version: '1.2',
      resource_changes: [
        { address: 'a.new', previous_address: 'a.old', change },
        { address: 'b.b', change: { ...change, importing: { id: 'i-1' } } },
        { address: 'c.c', change },
        { address: 'd.d', deposed: '1a2b', change: { actions: ['delete'], before: {}, after: null } },
      ],
    });
    expect(plan?.resources.map(({ key, movedFrom, importId }) => [key, movedFrom, importId])).toEqual([
      ['d.d (deposed 1a2b)', undefined, undefined],
      ['a.new', 'a.old', undefined],
      ['b.b', undefined, 'i-1'],
    ]);
  });

  test.each([[null], ['text'], [{}], [{ format_version: '2.0' }], [{ format_version: '1.2', resource_changes: [{}] }]])(
    'is not made of %j',
    (json) => {
      expect(readPlan(json)).toBeUndefined();
    },
  );
});

describe('the attributes', () => {
  const changeOf = (address: string) => {
    const found = setup().resources.find((resource) => resource.address === address);
    if (found === undefined) throw new Error(`No ${address}.`);
    return found.change;
  };

  test('that force a replacement are marked', () => {
    expect(attributeDiffs(changeOf('aws_nat_gateway.this[0]'))).toEqual([
      { path: 'id', before: '"nat-0f9e"', after: '(known after apply)', forcesReplacement: false },
      { path: 'subnet_id', before: '"subnet-0aa"', after: '"subnet-0bb"', forcesReplacement: true },
    ]);
  });

  test('are named by their paths, and only those that change', () => {
    expect(attributeDiffs(changeOf('module.vpc.aws_route.private[0]')).map(({ path }) => path)).toEqual([
      'nat_gateway_id',
      'tags.Owner',
    ]);
  });

  test('that are sensitive never show a value', () => {
    const diffs = attributeDiffs(changeOf('aws_db_instance.main'));
    expect(JSON.stringify(diffs)).not.toContain('hunter');
    expect(diffs).toContainEqual({
      path: 'password',
      before: '(sensitive)',
      after: '(sensitive)',
      forcesReplacement: false,
    });
  });

  test('of lists and odd keys are named as terraform names them', () => {
    const change = {
      actions: ['update'],
      before: { ingress: [{ port: 80 }], tags: { 'a b': '1' }, whole: { x: 1 } },
      after: { ingress: [{ port: 443 }, { port: 80 }], tags: { 'a b': '2' }, whole: null },
      after_sensitive: { ingress: [{}, { port: true }] },
    };
    expect(attributeDiffs(change).map(({ path, before, after }) => [path, before, after])).toEqual([
      ['ingress[0].port', '80', '443'],
      ['ingress[1].port', undefined, '(sensitive)'],
      ['tags["a b"]', '"1"', '"2"'],
      ['whole.x', '1', undefined],
    ]);
  });

  test('of a whole object that is sensitive stay inside', () => {
    const change = { actions: ['create'], before: null, after: { a: { b: 'secret' } }, after_sensitive: true };
    expect(attributeDiffs(change)).toEqual([
      { path: '', before: undefined, after: '(sensitive)', forcesReplacement: false },
    ]);
  });
});
