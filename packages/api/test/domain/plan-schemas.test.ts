import { expect, test } from 'vitest';
import { drawablePlan } from '../../src/domain/plan-schemas.ts';
import { redactPlan } from '../../src/domain/redact-plan.ts';

const change = (type: string, sides: object, more: object = {}) => ({
  address: `${type}.a`,
  mode: 'managed',
  type,
  provider_name: 'registry/x/p',
  change: { actions: ['create'], ...sides },
  ...more,
});
const plan = (...resource_changes: object[]) =>
  redactPlan({ format_version: '1.2', terraform_version: '1.11.4', resource_changes }, []);

test('every type of the plan has a schema: the one that the worker sent, else one that takes any value', () => {
  const schema = { version: 1, block: { attributes: { id: { type: 'string' } } } };
  const stored = {
    format_version: '1.0',
    provider_schemas: { 'registry/x/p': { resource_schemas: { p_known: schema } } },
  };
  const drawn = drawablePlan(
    plan(
      change('p_known', { after: { id: 'x', more: 1 } }),
      change('p_new', { before: null, after: { name: 'x' }, after_unknown: { id: true } }),
      change('p_new', { before: { old: [] }, after: null }),
      change('p_read', { after: { body: {} } }, { mode: 'data' }),
    ),
    stored,
  );
  const any = { type: 'dynamic', optional: true };
  expect(drawn).toMatchObject({ plan_format_version: '1.2', provider_format_version: '1.0' });
  expect(drawn.provider_schemas).toEqual({
    'registry/x/p': {
      resource_schemas: {
        p_known: schema,
        p_new: { version: 0, block: { attributes: { name: any, id: any, old: any } } },
      },
      data_source_schemas: { p_read: { version: 0, block: { attributes: { body: any } } } },
    },
  });
  expect(stored.provider_schemas['registry/x/p'].resource_schemas).toEqual({ p_known: schema });
});

test('a plan of outputs alone needs none', () => {
  expect(drawablePlan(plan(), undefined).provider_schemas).toEqual({});
});
