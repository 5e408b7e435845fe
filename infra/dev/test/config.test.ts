import path from 'node:path';
import { expect, test } from 'vitest';
import { inheritedEnvironment, readConfig } from '../src/config.ts';

test('without settings it is port 8080 and the folder .gatehouse', () => {
  expect(readConfig({})).toEqual({ port: 8080, dataDirectory: path.resolve('.gatehouse') });
});

test.each(['0', '65536', 'http', '80.5'])('the port %j is refused by the name of its setting', (port) => {
  expect(() => readConfig({ GATEHOUSE_PORT: port })).toThrow(/GATEHOUSE_PORT/);
});

test('the processes inherit settings and places, but no credentials', () => {
  const environment = {
    PATH: '/bin',
    TZ: 'UTC',
    GATEHOUSE_PROVIDER_MIRROR: '/mirror',
    GATEHOUSE_SEALING_KEY: 'x',
    GATEHOUSE_WORKER_TOKEN: 'x',
    GATEHOUSE_PORT: '1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    TF_CLI_CONFIG_FILE: '/nowhere',
    NODE_OPTIONS: '--inspect',
  };
  expect(inheritedEnvironment(environment)).toEqual({ PATH: '/bin', TZ: 'UTC', GATEHOUSE_PROVIDER_MIRROR: '/mirror' });
});
