import { expect, test } from 'vitest';
import { parseStateFile } from '../../src/domain/state-file.ts';
import { countsByModule, countsByProvider, resourcesOf } from '../../src/domain/state-resources.ts';

const provider = 'provider["registry.terraform.io/hashicorp/null"]';
const builtIn = 'provider["terraform.io/builtin/terraform"]';

test('resources are counted over the instances of their modules, without a value', () => {
  const resource = { mode: 'managed', type: 'null_resource', name: 'one', provider };
  const instance = { attributes: { password: 'hunter2' } };
  const state = {
    version: 4,
    terraform_version: '1.11.4',
    serial: 1,
    lineage: 'l',
    outputs: {},
    resources: [
      { ...resource, instances: [instance, instance] },
      { ...resource, mode: 'data', type: 'terraform_remote_state', provider: builtIn, instances: [instance] },
      { ...resource, module: 'module.net["a.module.b"].module.sub[0]', instances: [instance] },
      { ...resource, module: 'module.net["c"].module.sub[1]', instances: [instance] },
    ],
  };
  const resources = resourcesOf(parseStateFile(Buffer.from(JSON.stringify(state))));
  expect(resources).toEqual([
    { name: 'one', type: 'null_resource', count: 2, module: 'root', provider },
    { name: 'one', type: 'data.terraform_remote_state', count: 1, module: 'root', provider: builtIn },
    { name: 'one', type: 'null_resource', count: 2, module: 'root.net.sub', provider },
  ]);
  expect(countsByModule(resources)).toEqual({
    root: { 'null-resource': 2, 'data.terraform-remote-state': 1 },
    'root.net.sub': { 'null-resource': 2 },
  });
  expect(countsByProvider(resources)).toEqual({
    [provider]: { 'null-resource': 4 },
    [builtIn]: { 'data.terraform-remote-state': 1 },
  });
});
