import { expect, test } from 'vitest';
import { cutSchemas } from '../../src/phases/plan-schemas.ts';

const schemas = {
  format_version: '1.0',
  provider_schemas: {
    'r/x/aws': {
      provider: { version: 0 },
      resource_schemas: { aws_a: { version: 1 }, aws_b: { version: 2 }, aws_c: { version: 3 } },
      data_source_schemas: { aws_a: { version: 4 }, aws_d: { version: 5 } },
      functions: { f: {} },
    },
    'r/x/unused': { resource_schemas: { u: { version: 6 } } },
  },
};
const change = (mode: string, type: string, provider_name = 'r/x/aws') => ({ mode, type, provider_name, change: {} });

test('of all schemas those of the changed and the drifted types are left, of their own kind', () => {
  const plan = {
    resource_changes: [change('managed', 'aws_a'), change('managed', 'aws_a'), change('data', 'aws_d')],
    resource_drift: [change('managed', 'aws_b')],
  };
  expect(cutSchemas(schemas, plan)).toEqual({
    format_version: '1.0',
    provider_schemas: {
      'r/x/aws': {
        resource_schemas: { aws_a: { version: 1 }, aws_b: { version: 2 } },
        data_source_schemas: { aws_d: { version: 5 } },
      },
    },
  });
});

test('types without a schema, and plans without resources, leave nothing', () => {
  const unknown = { resource_changes: [change('managed', 'gone'), change('managed', 'x', 'r/x/gone')] };
  for (const plan of [unknown, {}]) {
    expect(cutSchemas(schemas, plan)).toEqual({ format_version: '1.0', provider_schemas: {} });
  }
});
