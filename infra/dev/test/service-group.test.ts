import { expect, test } from 'vitest';
import type { Service } from '../src/service.ts';
import { createServiceGroup } from '../src/service-group.ts';

function setup() {
  const ended: string[] = [];
  const service = (name: string): Service => {
    let end: (how: string) => void = () => undefined;
    let hasExited = false;
    const exited = new Promise<string>((resolve) => {
      end = resolve;
    });
    const finish = async () => {
      if (!hasExited) ended.push(name);
      hasExited = true;
      end(`${name} ended`);
    };
    return { name, pid: 0, logFile: `${name}.log`, exited, hasExited: () => hasExited, stop: finish, kill: finish };
  };
  return { group: createServiceGroup(1_000), service, ended };
}

test('who uses another ends before it, in whatever order they began', async () => {
  const { group, service, ended } = setup();
  group.add(service('redis'), 'foundations');
  group.add(service('worker'), 'workers');
  group.add(service('api'), 'api');
  group.add(service('worker-2'), 'workers');
  await group.stopAll();
  expect(ended).toEqual(['worker', 'worker-2', 'api', 'redis']);
});

test('an end that nobody asked for is a failure; one that was asked for is none', async () => {
  const { group, service } = setup();
  const replaced = group.add(service('api'), 'api');
  const dying = group.add(service('redis'), 'foundations');
  await group.dismiss(replaced);
  let failure: string | undefined;
  void group.failed.then((sentence) => {
    failure = sentence;
  });
  await Promise.resolve();
  expect(failure).toBeUndefined();
  await dying.kill();
  expect(await group.failed).toBe('redis ended. Its log is redis.log');
});
