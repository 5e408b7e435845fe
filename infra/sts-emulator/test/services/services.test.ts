import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { callSsm, invoke } from '../call-services.ts';
import { control, type Keys, keysOf, startEmulator } from '../start-emulator.ts';

async function setup() {
  const emulator = await startEmulator();
  const keys = await emulator.roleKeys();
  return {
    ...emulator,
    keys,
    invoke: (name?: string, query?: Record<string, string>, by: Keys = keys) => invoke(emulator, by, name, query),
    ssm: (action: string, body: object, by: Keys = keys) => callSsm(emulator, by, action, body),
    lastCall: () => emulator.state.journal.entries.at(-1),
  };
}

const functions = 'arn:aws:lambda:eu-central-1:123456789012:function';

describe('Lambda', () => {
  test('an invocation is answered, counted and told in the journal with who it was', async () => {
    const { invoke, lastCall, url, keys, openRoleArn } = await setup();
    expect(await invoke('gatehouse-demo', { Qualifier: '$LATEST' })).toEqual({ status: 200, body: { status: 'ok' } });
    expect(lastCall()).toMatchObject({
      service: 'lambda',
      action: 'Invoke',
      outcome: 'ok',
      user: 'arn:aws:sts::123456789012:assumed-role/gatehouse-read/chained',
      callerAccessKeyId: keys.accessKeyId,
      roleArn: openRoleArn,
      resource: `${functions}:gatehouse-demo:$LATEST`,
    });
    expect((await invoke(`${functions}:gatehouse-demo`)).status).toBe(200);
    expect((await control(url, 'GET', '/functions')).body).toEqual({
      functions: [{ name: 'gatehouse-demo', invocations: 2 }],
    });
  });

  test('a function that does not exist is not found; one that is made is', async () => {
    const { invoke, url } = await setup();
    expect(await invoke('nothing')).toEqual({
      status: 404,
      error: 'ResourceNotFoundException',
      body: { Message: `Function not found: ${functions}:nothing` },
    });
    const made = { name: 'nothing', answer: [1, 2] };
    expect((await control(url, 'POST', '/functions', made)).status).toBe(201);
    expect((await control(url, 'POST', '/functions', made)).status).toBe(409);
    expect((await invoke('nothing')).body).toEqual([1, 2]);
  });

  test.each([
    ['wrong', (keys: Keys) => ({ ...keys, secretAccessKey: 'x' }), 'InvalidSignatureException'],
    ['unknown', (keys: Keys) => ({ ...keys, accessKeyId: 'ASIAUNKNOWNUNKNOWN22' }), 'UnrecognizedClientException'],
  ])('keys that are %s are refused', async (_name, change, error) => {
    const { invoke, keys } = await setup();
    expect(await invoke(undefined, {}, change(keys))).toMatchObject({ status: 403, error });
  });

  test('an expired session is refused, and faults act here, too', async () => {
    const { invoke, keys, url } = await setup();
    await control(url, 'POST', '/faults', { kind: 'throttle', action: 'Invoke', times: 1 });
    expect(await invoke()).toMatchObject({ status: 400, error: 'ThrottlingException' });
    await control(url, 'POST', `/sessions/${keys.accessKeyId}/expire`);
    expect(await invoke()).toMatchObject({ status: 403, error: 'ExpiredTokenException' });
  });
});

describe('SSM', () => {
  test('a parameter is written once, overwritten when asked, read and deleted', async () => {
    const { ssm, url, lastCall } = await setup();
    const parameter = { Name: '/app/db', Value: 'first', Type: 'String' };
    expect(await ssm('GetParameter', parameter)).toMatchObject({ status: 400, error: 'ParameterNotFound' });
    expect((await ssm('PutParameter', parameter)).body).toEqual({ Version: 1, Tier: 'Standard' });
    expect(await ssm('PutParameter', parameter)).toMatchObject({ status: 400, error: 'ParameterAlreadyExists' });
    expect((await ssm('PutParameter', { ...parameter, Value: 'second', Overwrite: true })).body).toMatchObject({
      Version: 2,
    });
    expect((await ssm('GetParameter', parameter)).body).toMatchObject({
      Parameter: {
        Name: '/app/db',
        Value: 'second',
        Version: 2,
        ARN: 'arn:aws:ssm:eu-central-1:123456789012:parameter/app/db',
      },
    });
    expect(lastCall()).toMatchObject({ service: 'ssm', action: 'GetParameter', outcome: 'ok' });
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: ['/app/db'] }];
    expect((await ssm('DescribeParameters', { ParameterFilters })).body).toMatchObject({
      Parameters: [{ Version: 2 }],
    });
    expect((await control(url, 'GET', '/parameters')).body.parameters).toEqual([
      { name: '/app/db', type: 'String', version: 2 },
    ]);
    const tagged = { ResourceType: 'Parameter', ResourceId: '/app/db' };
    expect((await ssm('ListTagsForResource', tagged)).body).toEqual({ TagList: [] });
    expect((await ssm('DeleteParameter', parameter)).status).toBe(200);
    expect((await ssm('GetParameter', parameter)).error).toBe('ParameterNotFound');
  });

  test('what is not emulated or makes no sense is refused', async () => {
    const { ssm } = await setup();
    expect(await ssm('SendCommand', {})).toMatchObject({ status: 400, error: 'UnknownOperationException' });
    expect(await ssm('PutParameter', { Name: '/app/db' })).toMatchObject({ status: 400, error: 'ValidationException' });
  });

  test('a session under ReadOnlyAccess reads and does not write', async () => {
    const { ssm, client, openRoleArn } = await setup();
    const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }];
    const reader = keysOf(
      await client().send(new AssumeRoleCommand({ RoleArn: openRoleArn, RoleSessionName: 'plan', PolicyArns })),
    );
    const parameter = { Name: '/app/db', Value: 'first', Type: 'String' };
    expect(await ssm('PutParameter', parameter, reader)).toEqual({
      status: 400,
      error: 'AccessDeniedException',
      body: {
        __type: 'AccessDeniedException',
        message:
          'User: arn:aws:sts::123456789012:assumed-role/gatehouse-read/plan is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-central-1:123456789012:parameter/app/db because no session policy allows the ssm:PutParameter action',
      },
    });
    await ssm('PutParameter', parameter);
    expect((await ssm('GetParameter', parameter, reader)).body).toMatchObject({ Parameter: { Value: 'first' } });
  });
});
