import { describe, expect, test } from 'vitest';
import { isRefusedVariable, stsForRuns } from '../../src/phases/run-environment.ts';

describe('another STS is told to runs only where they can reach it', () => {
  const forward = { name: 'sts', listenPort: 4599, target: { host: '127.0.0.1', port: 4599 } };
  test.each([
    ['AWS itself', undefined, 'bubblewrap', [], undefined],
    ['on loopback with a forward', 'http://127.0.0.1:4599', 'bubblewrap', [forward], 'http://127.0.0.1:4599'],
    ['on loopback without one', 'http://127.0.0.1:4599', 'bubblewrap', [], undefined],
    ['on loopback with a forward to elsewhere', 'http://127.0.0.1:4600', 'bubblewrap', [forward], undefined],
    ['on loopback without a sandbox', 'http://127.0.0.1:4599', 'none', [], 'http://127.0.0.1:4599'],
    ['public', 'https://sts.example.com', 'bubblewrap', [], 'https://sts.example.com'],
  ] as const)('%s', (_where, endpoint, mode, forwards, told) => {
    const sandbox = { mode, forwards, egressAllow: [] };
    expect(stsForRuns({ sts: { endpoint, region: 'us-east-1' }, sandbox })).toBe(told);
  });
});

test.each([
  ['LD_PRELOAD', true],
  ['TF_CLI_ARGS', true],
  ['TF_CLI_CONFIG_FILE', true],
  ['TF_DATA_DIR', true],
  ['TF_WORKSPACE', true],
  ['TF_ENCRYPTION', true],
  ['AWS_SECRET_ACCESS_KEY', true],
  ['AWS_MFA_SERIAL_NUMBER', true],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI', true],
  ['GATEHOUSE_SEALING_KEY', true],
  ['TF_VAR_name', false],
  ['TF_LOG', false],
  ['AWS_REGION', false],
  ['OLD_NAME', false],
])('%s is kept from terraform: %s', (name, refused) => {
  expect(isRefusedVariable(name)).toBe(refused);
});
