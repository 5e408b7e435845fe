import { describe, expect, test } from 'vitest';
import { judgeDestination, parseAllowList, parseDestination, refusalOf } from '../src/address-guard.ts';

const nothing = parseAllowList([]);
const named = { host: 'service.example', port: 443 };

describe('which resolved addresses a run may reach', () => {
  test.each([
    ['1.1.1.1'],
    ['52.94.133.131'],
    ['172.15.255.255'],
    ['172.32.0.1'],
    ['100.63.255.255'],
    ['2600:1f18::1'],
    ['::ffff:1.1.1.1'],
    ['64:ff9b::1.1.1.1'],
  ])('%s is public', (address) => {
    expect(refusalOf(address, named, nothing)).toBeUndefined();
  });

  test.each([
    ['127.0.0.1', 'loopback address'],
    ['127.255.255.254', 'loopback address'],
    ['::1', 'loopback address'],
    ['0.0.0.0', 'unspecified address'],
    ['0.1.2.3', 'unspecified address'],
    ['::', 'unspecified address'],
    ['::127.0.0.1', 'unspecified address'],
    ['169.254.169.254', 'link-local address'],
    ['169.254.170.2', 'link-local address'],
    ['fe80::1', 'link-local address'],
    ['10.0.0.1', 'private address'],
    ['172.16.0.1', 'private address'],
    ['172.31.255.255', 'private address'],
    ['192.168.1.1', 'private address'],
    ['fd00:ec2::254', 'private address'],
    ['fc00::1', 'private address'],
    ['100.64.0.1', 'carrier-grade NAT address'],
    ['224.0.0.1', 'multicast address'],
    ['ff02::1', 'multicast address'],
    ['255.255.255.255', 'reserved address'],
    ['198.18.0.1', 'reserved address'],
    ['203.0.113.10', 'reserved address'],
    ['2002:7f00:1::', 'reserved address'],
    ['::ffff:127.0.0.1', 'loopback address'],
    ['::ffff:169.254.169.254', 'link-local address'],
    ['::ffff:a9fe:a9fe', 'link-local address'],
    ['64:ff9b::169.254.169.254', 'link-local address'],
    ['64:ff9b::10.0.0.1', 'private address'],
    ['fe80::1%eth0', 'not an address'],
    ['2130706433', 'not an address'],
    ['', 'not an address'],
  ])('%s is refused: %s', (address, reason) => {
    expect(refusalOf(address, named, nothing)).toBe(reason);
  });
});

describe('the allow list', () => {
  test('a name lifts private addresses for its own port only', () => {
    const allow = parseAllowList(['Service.Example:443']);
    expect(refusalOf('10.1.2.3', named, allow)).toBeUndefined();
    expect(refusalOf('127.0.0.1', named, allow)).toBeUndefined();
    expect(refusalOf('10.1.2.3', { ...named, port: 444 }, allow)).toBe('private address');
    expect(refusalOf('10.1.2.3', { ...named, host: 'other.example' }, allow)).toBe('private address');
  });

  test('a name never lifts the metadata address, whatever its DNS answers', () => {
    expect(refusalOf('169.254.169.254', named, parseAllowList(['service.example:443']))).toBe('link-local address');
  });

  test('a literal address lifts itself', () => {
    const allow = parseAllowList(['169.254.170.2:80', '[fd00::1]:443']);
    expect(refusalOf('169.254.170.2', { host: '169.254.170.2', port: 80 }, allow)).toBeUndefined();
    expect(refusalOf('fd00::1', { host: 'fd00::1', port: 443 }, allow)).toBeUndefined();
    expect(refusalOf('169.254.170.2', { host: 'service.example', port: 80 }, allow)).toBe('link-local address');
  });

  test('a range lifts its addresses on every port', () => {
    const allow = parseAllowList(['10.1.0.0/16', 'fd00:1::/32']);
    expect(refusalOf('10.1.255.1', named, allow)).toBeUndefined();
    expect(refusalOf('fd00:1::5', named, allow)).toBeUndefined();
    expect(refusalOf('10.2.0.1', named, allow)).toBe('private address');
  });

  test.each([['example'], ['10.0.0.0/33'], ['10.0.0/8'], ['host:0'], ['host:70000'], ['http://host:80'], ['']])(
    'the entry "%s" is refused',
    (entry) => {
      expect(() => parseAllowList([entry])).toThrow(/neither host:port nor a CIDR range/);
    },
  );
});

describe('destinations', () => {
  test.each([
    ['Example.COM:443', { host: 'example.com', port: 443 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['127.1:80', { host: '127.1', port: 80 }],
  ])('%s is one', (text, destination) => {
    expect(parseDestination(text)).toEqual(destination);
  });

  test.each([
    ['example.com'],
    ['a b:1'],
    ['\u001b[31m:1'],
    ['[zz]:1'],
    ['[127.0.0.1]:1'],
    ['user@host:1'],
    ['host:99999'],
  ])('%j is none', (text) => {
    expect(parseDestination(text)).toBeUndefined();
  });
});

describe('what may be dialled', () => {
  test('is what was resolved, without what is refused of it', async () => {
    const resolve = async () => ['10.0.0.1', '1.1.1.1', '127.0.0.1'];
    expect(await judgeDestination(named, nothing, resolve)).toEqual({
      allowed: ['1.1.1.1'],
      refusal: 'private address',
    });
  });

  test('of a literal address is itself, without asking a resolver', async () => {
    const resolve = () => Promise.reject(new Error('asked'));
    expect(await judgeDestination({ host: '1.1.1.1', port: 80 }, nothing, resolve)).toMatchObject({
      allowed: ['1.1.1.1'],
    });
    expect(await judgeDestination({ host: '::1', port: 80 }, nothing, resolve)).toEqual({
      allowed: [],
      refusal: 'loopback address',
    });
  });

  test('of a name that resolves to nothing is nothing', async () => {
    expect(await judgeDestination(named, nothing, async () => [])).toEqual({ allowed: [], refusal: 'no address' });
  });
});
