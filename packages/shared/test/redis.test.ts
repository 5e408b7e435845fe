import { expect, test } from 'vitest';
import { redisOptions } from '../src/redis.ts';

test('all three forms of address are understood', () => {
  expect(redisOptions('unix:///tmp/r%20x.sock')).toEqual({ path: '/tmp/r x.sock' });
  expect(redisOptions('redis://127.0.0.1')).toEqual({ host: '127.0.0.1', port: 6379 });
  expect(redisOptions('rediss://bob:p%40ss@redis.internal:6380/2')).toEqual({
    host: 'redis.internal',
    port: 6380,
    username: 'bob',
    password: 'p@ss',
    db: 2,
    tls: {},
  });
});

test('another address is refused without repeating it, since it may hold a password', () => {
  expect(() => redisOptions('http://bob:pass@host')).toThrow(/redis:\/\/, rediss:\/\/ or unix:\/\/\//);
  expect(() => redisOptions('bob:pa ss@host')).toThrow(/^((?!pa ss).)*$/);
});
