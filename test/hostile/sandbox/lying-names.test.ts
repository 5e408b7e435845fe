import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type CutNetwork, makeCutNetwork, mayMakeNetworks } from '../../faults/cut-network.ts';
import { type FaultWorld, startFaultWorld } from '../../faults/fault-world.ts';
import { relayFrom } from '../../faults/relay-from.ts';
import { row } from '../../suites/row.ts';
import { printed, provisioned } from './inside-world.ts';

// A worker in a network without a way out, whose resolver belongs to the attacker, and where one public address is ours:
// runs try to get by the proxy to what its machine and its network serve.

const area = 'Sandbox';
const when = 'in a real run, over the proxy';
const publicHost = '9.20.30.40';
const program = fileURLToPath(new URL('lying-names-program.ts', import.meta.url));
if (!mayMakeNetworks) process.stderr.write('NOT TRIED: names that lie, since only root may make a network.\n');

/** Asks the proxy for each destination, some of them often, and prints what came. */
const asks = (destinations: readonly string[], times: number) => `
try() {
  exec 3<>/dev/tcp/127.0.0.1/3128 || return
  printf 'CONNECT %b HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' "$1" >&3
  printf '%s => %s\\n' "$1" "$(timeout 30 head -c 300 <&3 | tr '\\r\\n' '  ')"
  exec 3>&-
}
while read -r destination; do for n in $(seq ${times}); do try "$destination"; done; done <<'END'
${destinations.join('\n')}
END
for url in http://127.0.0.1/ http://${publicHost}/ http://169.254.169.254/latest/meta-data/; do
  exec 3<>/dev/tcp/127.0.0.1/3128
  printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' "$url" >&3
  printf 'GET %s => %s\\n' "$url" "$(timeout 30 head -n 1 <&3 | tr '\\r\\n' '  ')"
  exec 3>&-
done`;

describe.runIf(mayMakeNetworks)('names that lie', () => {
  let network: CutNetwork;
  let world: FaultWorld;
  let servers: ChildProcess;
  let folder: string;
  let sts: Awaited<ReturnType<typeof relayFrom>>;
  const connections: string[] = [];
  const insideTouched = () => connections.filter((which) => which === 'inside').length;

  beforeAll(async () => {
    network = await makeCutNetwork();
    const [file = '', ...prefix] = network.prefix;
    await promisify(execFile)(file, [...prefix, 'ip', 'addr', 'add', `${publicHost}/32`, 'dev', 'lo']);
    const inside = (await promisify(execFile)(file, [...prefix, 'hostname', '-I'])).stdout.split(/\s+/);
    const privateHost = inside.find((address) => address.startsWith('10.')) ?? '';
    servers = spawn(file, [...prefix, process.execPath, program, publicHost, privateHost], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (servers.stdout === null) throw new Error('No standard output');
    const lines = createInterface({ input: servers.stdout });
    await new Promise<void>((resolve) => lines.once('line', () => resolve()));
    lines.on('line', (line) => connections.push(line));

    folder = await mkdtemp(path.join(tmpdir(), 'gh-names-'));
    const resolver = path.join(folder, 'resolv.conf');
    await writeFile(resolver, 'nameserver 127.0.0.53\noptions timeout:2 attempts:2\n');
    const bound = ['sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolver];
    sts = await relayFrom(network.restHost);
    world = await startFaultWorld({
      host: network.apiHost,
      effectsHost: network.restHost,
      workerPrefix: [...network.prefix, 'unshare', '--mount', '--propagation', 'private', '--', ...bound],
      workerEnvironment: { GATEHOUSE_STS_ENDPOINT: sts.url },
    });
    sts.leadTo(Number(new URL(world.stack.dev.stsUrl).port));
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await sts?.close();
    servers?.kill('SIGKILL');
    await network?.remove();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** What was asked for, with each answer. */
  async function ask(name: string, destinations: readonly string[], times = 1): Promise<Map<string, string[]>> {
    const workspaceId = await world.workspace(name, { 'mfa-level': 'never', 'auto-apply': true });
    const run = await world.queueRun(workspaceId, provisioned(asks(destinations, times)));
    await waitForRun(world.api, run.id, ['applied'], 120_000);
    const answers = new Map<string, string[]>();
    for (const line of printed(await world.log(run, 'apply'))) {
      const [asked = '', answer] = line.split(' => ');
      if (answer !== undefined) answers.set(asked, [...(answers.get(asked) ?? []), answer]);
    }
    expect([...answers.keys()]).toEqual(expect.arrayContaining([...destinations]));
    return answers;
  }

  row(
    {
      area,
      harm: 'a name whose server answers by turns with a public address and with the loopback (DNS rebinding), or with both at once',
      when,
      holds: 'the public one is reached, whatever comes first; nothing else is, however often it is asked',
      isChosen: true,
      timeoutMs: 180_000,
    },
    async () => {
      const answers = await ask('turns', ['turns.example.com:443', 'both.example.com:443'], 12);
      const turns = answers.get('turns.example.com:443') ?? [];
      // Both answers were given, so that a look-up of its own by whoever dials would have met the other.
      expect(turns.filter((answer) => / 200 .*public/.test(answer)).length).toBeGreaterThan(2);
      expect(turns.filter((answer) => / 403 .*loopback/.test(answer)).length).toBeGreaterThan(2);
      expect(turns.filter((answer) => !/ 200 .*public| 403 .*loopback/.test(answer))).toEqual([]);
      for (const answer of answers.get('both.example.com:443') ?? []) expect(answer).toMatch(/ 200 .*public/);
      expect(insideTouched()).toBe(0);
    },
  );

  row(
    {
      area,
      harm: 'names of the loopback, the metadata address and private networks in IPv4 and IPv6, mapped and translated, on any port',
      when,
      holds: 'each is refused after it was resolved, by reason; a public name is reached on any port',
      isChosen: true,
      timeoutMs: 180_000,
    },
    async () => {
      const refused = {
        'loopback.example.com:80': 'loopback',
        'loopback.example.com:6379': 'loopback',
        'LOOPBACK.example.com.:443': 'loopback',
        'other-loopback.example.com:443': 'loopback',
        'private.example.com:6379': 'private',
        'nowhere.example.com:80': 'unspecified',
        'metadata.example.com:80': 'link-local',
        'six.example.com:443': 'loopback',
        'mapped.example.com:443': 'loopback',
        'translated.example.com:443': 'loopback',
        'localhost:6379': 'loopback',
      };
      const answers = await ask('names', [
        ...Object.keys(refused),
        'public.example.com:443',
        'public.example.com:6379',
      ]);
      for (const [destination, reason] of Object.entries(refused))
        expect(answers.get(destination)?.[0]).toMatch(
          new RegExp(`^HTTP/1.1 403 Gatehouse refused .*: ${reason} address`),
        );
      for (const port of [443, 6379])
        expect(answers.get(`public.example.com:${port}`)?.[0]).toMatch(/^HTTP\/1.1 200 .*public/);
      expect(insideTouched()).toBe(0);
    },
  );

  row(
    {
      area,
      harm: 'addresses as decimal, octal and hexadecimal numbers, short, in brackets, with a zone, a user, a second line, and plain http',
      when,
      holds: 'none leads inside',
      timeoutMs: 180_000,
    },
    async () => {
      const forms = [
        '127.0.0.1:443',
        '127.1:443',
        '0:443',
        '2130706433:443',
        '0x7f000001:443',
        '0177.0.0.1:443',
        '0x7f.1:443',
        '127.0.0.1.:443',
        '017700000001:443',
        '[::1]:443',
        '[::]:443',
        '[::127.0.0.1]:443',
        '[::ffff:127.0.0.1]:443',
        '[::ffff:7f00:1]:443',
        '[0:0:0:0:0:ffff:7f00:0001]:443',
        '[64:ff9b::7f00:1]:443',
        '[2002:7f00:1::]:443',
        '[fe80::1%lo]:443',
        '[::1%lo]:443',
        '127.0.0.1:00443',
        '127.0.0.1:65979',
        `${publicHost}@127.0.0.1:443`,
        `127.0.0.1:443@${publicHost}:443`,
        `127.0.0.1:443#${publicHost}:443`,
        `127.0.0.1:443\\r\\nX: ${publicHost}:443`,
        '/run/gatehouse/proxy:443',
        'http://127.0.0.1:443/',
        '-h:443',
        '169.254.169.254:80',
        '2852039166:80',
      ];
      const answers = await ask('forms', forms);
      const plain = [...answers.keys()].filter((asked) => asked.startsWith('GET '));
      expect(plain).toHaveLength(3);
      for (const asked of [...forms, ...plain]) {
        expect(`${asked} => ${answers.get(asked)?.[0]}`).toMatch(/ => (HTTP\/1.1 (400|403|502) .*)?$/);
      }
      for (const asked of plain) expect(answers.get(asked)?.[0]).toContain(' 403 ');
      expect(insideTouched()).toBe(0);
    },
  );

  row(
    {
      area,
      harm: 'modules from the loopback, the metadata address, private names and files of the machine, over https, http, git, ssh and S3',
      when: 'in a real run, at init',
      holds: 'the run fails, nothing inside was reached, and its log tells what was refused',
      timeoutMs: 180_000,
    },
    async () => {
      const sources = [
        'https://loopback.example.com/module.zip',
        'https://127.0.0.1/module.zip',
        'http://127.0.0.1:80/module.zip',
        'http://169.254.169.254/latest/meta-data/',
        'https://private.example.com/module.zip',
        'git::https://loopback.example.com/module.git',
        'git::http://127.0.0.1/module.git',
        'git::ssh://git@127.0.0.1/module.git',
        'git::file:///root',
        's3::http://169.254.169.254/bucket/module.zip',
        '../../../../../../root',
        'loopback.example.com/some/module/aws',
      ];
      const modules = sources.map((source, index) => `module "m${index}" {\n  source = "${source}"\n}\n`);
      const workspaceId = await world.workspace('modules', { 'mfa-level': 'never' });
      const run = await world.queueRun(workspaceId, { 'main.tf': modules.join('') });
      await waitForRun(world.api, run.id, ['errored'], 120_000);
      const log = await world.log(run, 'plan');
      expect(log).toMatch(/loopback.example.com:443.*loopback address/);
      expect(log).toMatch(/169.254.169.254:80/);
      expect(insideTouched()).toBe(0);
    },
  );
});
