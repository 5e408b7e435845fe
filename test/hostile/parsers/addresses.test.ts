import { judgeDestination, parseAllowList, parseDestination, refusalOf } from '@gatehouse/shared/address-guard';
import fc from 'fast-check';
import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';

const numRuns = (few: number, many: number) => ({ seed: suiteSeed, numRuns: isWholeSuite ? many : few });
const nothing = parseAllowList([]);
const named = { host: 'service.example', port: 443 };

/**
 * IANA's special-purpose registries (RFC 6890) where they say "not globally reachable", and multicast (RFC 5771, 4291). Of
 * 2001::/23 that is said of the whole, and lifted for a few protocols that nobody is notified by.
 */
const closed = {
  4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
    ...['224.0.0.0/4', '240.0.0.0/4'],
  ],
  6: [
    ...[
      '::/96',
      '64:ff9b:1::/48',
      '100::/64',
      '100:0:0:1::/64',
      '2001::/23',

      '2001:db8::/32',
    ],
    ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8', '::ffff:0:0:0/96'],
  ],
} as const;

/** By arithmetic of its own: an address as a number, and how many of its first bits a range fixes. */
type Range = { first: bigint; bits: number; width: 32 | 128 };

function numberOf4(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function numberOf6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const [before, after] = [groups(head), groups(tail ?? '')];
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: gap }, () => '0'), ...after].reduce(
    (sum, part) => sum * 65536n + BigInt(`0x${part}`),
    0n,
  );
}

function rangeOf(cidr: string, width: 32 | 128): Range {
  const [address = '', bits = ''] = cidr.split('/');
  return { first: width === 32 ? numberOf4(address) : numberOf6(address), bits: Number(bits), width };
}
const ranges4 = closed[4].map((cidr) => rangeOf(cidr, 32));
const ranges6 = closed[6].map((cidr) => rangeOf(cidr, 128));

const holds = (range: Range, address: bigint) => (address ^ range.first) >> BigInt(range.width - range.bits) === 0n;
const isClosed4 = (address: bigint) => ranges4.some((range) => holds(range, address));

/** An IPv4 address that is meant inside of an IPv6 one: mapped (RFC 4291) or for NAT64 (RFC 6052). */
const wrappers = [numberOf6('::ffff:0:0'), numberOf6('64:ff9b::')];
function isClosed6(address: bigint): boolean {
  const inner = address & 0xffffffffn;
  if (wrappers.some((wrapper) => address - inner === wrapper)) return isClosed4(inner);
  return ranges6.some((range) => holds(range, address));
}

/** Anywhere, and much more often just inside, or outside, of a range. */
function near(ranges: readonly Range[], width: 32 | 128): fc.Arbitrary<bigint> {
  const most = (1n << BigInt(width)) - 1n;
  const edges = fc
    .tuple(fc.constantFrom(...ranges), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
    .map(([{ first, bits }, offset, atEnd]) => {
      const size = 1n << BigInt(width - bits);
      return (first + (atEnd ? size : 0n) + offset + most + 1n) & most;
    });
  const within = fc
    .tuple(fc.constantFrom(...ranges), fc.bigInt({ min: 0n, max: most }))
    .map(([{ first, bits }, any]) => first + (any >> BigInt(bits)));
  return fc.oneof(edges, within, fc.bigInt({ min: 0n, max: most }));
}
const any4 = near(ranges4, 32);
const any6 = fc.oneof(
  near(ranges6, 128),
  fc.tuple(fc.constantFrom(...wrappers), any4).map(([wrapper, inner]) => wrapper + inner),
);

function dotted(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');
}

/** Every way to write it: capitals, leading zeros, a shortened run, the last four bytes dotted. */
const spelled6 = fc
  .tuple(any6, fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([address, isPadded, isUpper, isShort, isDotted]) => {
    const groups = Array.from({ length: 8 }, (_, index) =>
      ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16).padStart(isPadded ? 4 : 1, '0'),
    );
    const written = isDotted ? [...groups.slice(0, 6), dotted(address & 0xffffffffn)] : groups;
    const full = written.join(':');
    const text = isShort ? full.replace(/(?:^|:)(?:0+:){2,}/, '::') : full;
    return { address, text: isUpper ? text.toUpperCase() : text };
  });

row(
  {
    area: 'Parsers',
    harm: 'addresses at the edges of every range that IANA keeps for a special purpose, in each spelling, mapped and translated ones too',
    holds: 'what is not globally reachable is refused and nothing else, and no port or name changes that',
    isChosen: true,
  },
  () => {
    fc.assert(
      fc.property(any4, (address) => {
        expect(refusalOf(dotted(address), named, nothing) !== undefined, dotted(address)).toBe(isClosed4(address));
      }),
      numRuns(1500, 100_000),
    );
    fc.assert(
      fc.property(spelled6, ({ address, text }) => {
        expect(refusalOf(text, named, nothing) !== undefined, text).toBe(isClosed6(address));
        expect(refusalOf(`${text}%eth0`, named, nothing)).toBeDefined();
      }),
      numRuns(2500, 150_000),
    );
  },
);

const digits = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
/** Notations that some resolver takes for an address. */
const odd = fc.tuple(any4, fc.nat(11)).map(([address, form]) => {
  const parts = dotted(address).split('.').map(BigInt);
  const octal = parts.map((part) => `0${part.toString(8)}`).join('.');
  const hex = parts.map((part) => `0x${part.toString(16)}`).join('.');
  const forms = [
    String(address),
    octal,
    hex,
    `0x${address.toString(16)}`,
    `0${address.toString(8)}`,
    `${dotted(address)}.`,
    digits(dotted(address)),
  ];
  const short = `${parts[0]}.${address & 0xffffffn}`;
  return (
    [
      ...forms,
      short,
      ` ${dotted(address)}`,
      `${dotted(address)}\0`,
      `[${dotted(address)}]`,
      dotted(address).replaceAll('.', '。'),
    ][form] ?? ''
  );
});

row(
  {
    area: 'Parsers',
    harm: 'decimal, octal, hexadecimal, shortened and full-width addresses, with trailing dots, NUL and brackets, as name and as answer of a resolver',
    holds:
      'none is dialled without the resolver, whose answer alone is judged; one that is no plain address is refused',
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.asyncProperty(odd, any4, fc.nat(70_000), async (text, answer, port) => {
        expect(refusalOf(text, named, nothing)).toBe('not an address');
        const destination = parseDestination(`${text}:${port}`);
        if (destination === undefined) return;
        expect(`${text}:${port}`.toLowerCase()).toContain(destination.host);
        expect(destination.port).toBe(port);
        const asked: string[] = [];
        const judged = await judgeDestination(destination, nothing, async (host) => {
          asked.push(host);
          return [text, dotted(answer)];
        });
        expect(asked).toEqual([destination.host]);
        expect(judged.allowed).toEqual(isClosed4(answer) ? [] : [dotted(answer)]);
      }),
      numRuns(500, 30_000),
    ),
);

row(
  {
    area: 'Parsers',
    harm: 'lists of allowed names, addresses and ranges, of both families',
    holds: 'an entry opens what it names, and no address beside it; a name never opens link-local addresses',
    isChosen: true,
  },
  () =>
    fc.assert(
      fc.property(
        any4,
        fc.integer({ min: 1, max: 32 }),
        any4,
        any6,
        fc.integer({ min: 1, max: 128 }),
        (base, bits, address, other, bits6) => {
          const range = { first: base, bits, width: 32 } as const;
          const open = parseAllowList([`${dotted(base)}/${bits}`, 'service.example:443']);
          const isLifted = ranges4.filter((one) => holds(one, address)).every((one) => lifted.has(dotted(one.first)));
          expect(refusalOf(dotted(address), { ...named, port: 80 }, open) === undefined).toBe(
            holds(range, address) || !isClosed4(address),
          );
          expect(refusalOf(dotted(address), named, open) === undefined).toBe(
            holds(range, address) || !isClosed4(address) || isLifted,
          );
          const first = (other >> BigInt(128 - bits6)) << BigInt(128 - bits6);
          const wide = parseAllowList([`${spelled(first)}/${bits6}`]);
          // A range of IPv6 opens IPv4 addresses only where it holds their mapped form.
          const mapped = (wrappers[0] ?? 0n) + address;
          const holdsMapped = holds({ first, bits: bits6, width: 128 }, mapped);
          expect(refusalOf(dotted(address), named, wide) === undefined).toBe(holdsMapped || !isClosed4(address));
        },
      ),
      numRuns(500, 30_000),
    ),
);
const lifted = new Set(['127.0.0.0', '10.0.0.0', '172.16.0.0', '192.168.0.0', '100.64.0.0']);

function spelled(address: bigint): string {
  return Array.from({ length: 8 }, (_, index) => ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(
    ':',
  );
}
