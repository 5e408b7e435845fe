import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { GatehouseError } from './gatehouse-error.ts';

// Where something that others wrote may go: a run out of its sandbox, and a notification to its receiver.

/** Ranges that are refused, each with the word that is told as reason. */
const refusedRanges = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // ::/96 is the old IPv4-compatible form as well; ::1 lies in it, so loopback is asked first.
  unspecified: ['0.0.0.0/8', '::/96'],
  'link-local': ['169.254.0.0/16', 'fe80::/10', 'fec0::/10'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', '64:ff9b:1::/48'],
  'carrier-grade NAT': ['100.64.0.0/10'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  // 6to4 and Teredo wrap an IPv4 address of the sender's choice; nothing public is served there.
  reserved: [
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '::ffff:0:0:0/96',
    '100::/64',
    '100:0:0:1::/64',
    // Teredo, benchmarking, ORCHID and other protocols: nothing that is served to anybody.
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    '3fff::/20',
    '5f00::/16',
  ],
} as const;
type Range = keyof typeof refusedRanges;

/** What an allow entry for a *name* lifts. Never link-local: whoever answers for the name must not choose the metadata address. */
const liftedForNames: readonly Range[] = ['loopback', 'private', 'carrier-grade NAT'];

/**
 * IPv4 ranges also count where NAT64 embeds them (64:ff9b::/96). IPv4-mapped addresses need no rule: Node's BlockList
 * matches them by the IPv4 rules, and a rule for ::ffff:0:0/96 would match every IPv4 address.
 */
const guards = Object.entries(refusedRanges).map(([name, cidrs]) => {
  const list = new BlockList();
  for (const cidr of cidrs) {
    addCidr(list, cidr);
    const [address = '', bits = ''] = cidr.split('/');
    if (isIP(address) === 4) list.addSubnet(`64:ff9b::${address}`, 96 + Number(bits), 'ipv6');
  }
  return { name, list };
});

/** What an operator lets be reached although its address is not public. */
export interface AllowList {
  /** `host:port` in lower case; IPv6 hosts in brackets. */
  endpoints: ReadonlySet<string>;
  ranges: BlockList;
}

/**
 * Reads allow entries: `host:port` (a name lifts loopback, private and carrier-grade addresses for that name and port; a
 * literal address lifts itself) or a CIDR range for all ports. Throws `invalid_request` that names the entry.
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const endpoints = new Set<string>();
  const ranges = new BlockList();
  for (const entry of entries) {
    if (isCidr(entry)) addCidr(ranges, entry);
    else if (parseDestination(entry) !== undefined) endpoints.add(entry.toLowerCase());
    else
      throw new GatehouseError('invalid_request', `The allow entry "${entry}" is neither host:port nor a CIDR range`);
  }
  return { endpoints, ranges };
}

/** Where something wants to go, as it was written. */
export interface Destination {
  /** Name or address in lower case, IPv6 without brackets. */
  host: string;
  port: number;
}

/** `host:port` or `[v6]:port`; undefined for anything else, so that no odd byte gets into a log. */
export function parseDestination(text: string): Destination | undefined {
  const match = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9_.-]{1,253})):(?<port>\d{1,5})$/.exec(text.toLowerCase());
  const host = match?.groups?.['v6'] ?? match?.groups?.['name'];
  const port = Number(match?.groups?.['port']);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  if (match?.groups?.['v6'] !== undefined && isIP(host) !== 6) return undefined;
  return { host, port };
}

export function formatDestination({ host, port }: Destination): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Why the *resolved* address may not be dialled for this destination; undefined when it may. Fails closed. */
export function refusalOf(address: string, destination: Destination, allow: AllowList): string | undefined {
  const family = isIP(address);
  // A zone id (fe80::1%eth0) makes BlockList answer "no match".
  if (family === 0 || address.includes('%')) return 'not an address';
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (allow.ranges.check(address, type)) return undefined;
  const guard = guards.find(({ list }) => list.check(address, type));
  if (guard === undefined) return undefined;
  const lifted = isIP(destination.host) !== 0 || liftedForNames.some((range) => range === guard.name);
  if (lifted && allow.endpoints.has(formatDestination(destination))) return undefined;
  return `${guard.name} address`;
}

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * The addresses of a destination that may be dialled, and why the first of the others may not; a name is resolved here
 * and nowhere else, so that what is judged is what is dialled. Throws what `resolve` throws.
 */
export async function judgeDestination(
  destination: Destination,
  allow: AllowList,
  resolve: Resolve = resolveAll,
): Promise<{ allowed: string[]; refusal: string }> {
  const { host } = destination;
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const judged = addresses.map((address) => ({ address, refusal: refusalOf(address, destination, allow) }));
  return {
    allowed: judged.filter(({ refusal }) => refusal === undefined).map(({ address }) => address),
    refusal: judged.find(({ refusal }) => refusal !== undefined)?.refusal ?? 'no address',
  };
}

async function resolveAll(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

function addCidr(list: BlockList, cidr: string): void {
  const [address = '', bits = ''] = cidr.split('/');
  list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
