import { Secret } from '@gatehouse/shared/secret';
import { expect, test } from 'vitest';
import { commandEnvironment, fixedEnvironment } from '../../src/sandbox/environment.ts';

const fixed = fixedEnvironment({
  path: '/usr/bin',
  home: '/home/run',
  temporary: '/tmp',
  cliConfigFile: '/etc/gatehouse.tfrc',
  proxyUrl: 'http://127.0.0.1:3128',
  credentials: { url: 'http://127.0.0.1:3128/credentials', token: new Secret('of-the-run') },
});

test('a variable of a user never replaces one of the sandbox', () => {
  const environment = commandEnvironment(
    {
      PATH: '/evil',
      HTTPS_PROXY: 'http://evil',
      NO_PROXY: '*',
      TF_CLI_CONFIG_FILE: '/workspace/mine',
      TF_LOG: 'debug',
    },
    fixed,
  );
  expect(environment).toMatchObject({
    PATH: '/usr/bin',
    HTTPS_PROXY: 'http://127.0.0.1:3128',
    NO_PROXY: '127.0.0.1,localhost',
    TF_CLI_CONFIG_FILE: '/etc/gatehouse.tfrc',
    TF_LOG: 'debug',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of-the-run',
  });
});

test('nothing of this process is in it', () => {
  expect(Object.keys(commandEnvironment({}, fixed)).sort()).toEqual([...Object.keys(fixed), 'LANG'].sort());
});

test('without a credential source nothing points at an endpoint', () => {
  const without = fixedEnvironment({
    path: '/usr/bin',
    home: '/',
    temporary: '/tmp',
    cliConfigFile: '/x',
    proxyUrl: 'http://p',
    credentials: undefined,
  });
  expect(Object.keys(without).filter((name) => name.startsWith('AWS_CONTAINER'))).toEqual([]);
});

test.each([['A=B'], [''], ['1A'], ['A B'], ['Ä']])('%j cannot be a name', (name) => {
  expect(() => commandEnvironment({ [name]: 'x' }, fixed)).toThrow(/cannot be the name/);
});

test.each([
  ['a NUL byte', 'hidden\0value'],
  ['more than the kernel takes', `hidden${'x'.repeat(131_072)}`],
])('a value with %s is refused by the name of its variable, without the value', (_, value) => {
  const refusal = () => commandEnvironment({ SOME_NAME: new Secret(value) }, fixed);
  expect(refusal).toThrow(/SOME_NAME/);
  expect(refusal).not.toThrow(/hidden/);
});
