import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { describe, expect, vi } from 'vitest';
import { listenOnLoopback } from '../../faults/loopback.ts';
import { resourcesIn } from '../../faults/tally.ts';
import { tallyRows } from '../../faults/tally-rows.ts';
import { row } from '../../suites/row.ts';
import { type InsideWorld, printed, provisioned, users, withInsideWorld } from './inside-world.ts';

// What a run leaves behind, writes where Gatehouse reads or readers look, and takes so that others have none.

const leaves = `
mkdir -p closed/deeper && cp /bin/sh closed/deeper/shell && chmod 6755 closed/deeper/shell
ln -s /etc/shadow closed/link; chmod 555 closed/deeper; chmod 000 closed
perl -e '$n = "n" x 200; for (1..30) { mkdir $n; chdir $n } open(F, ">last")'
mkfifo errored.tfstate; rm -f .terraform/terraform.tfstate; ln -s /etc/shadow .terraform/terraform.tfstate
setsid sh -c 'while :; do sleep 1; done' >/dev/null 2>&1 &
echo left`;

/** A title, the clipboard, a cursor that goes up, eight-bit forms, the frame of a log, and text that runs backwards. */
const forges = `
printf 'Gatehouse: all is well\\n\\033]0;owned\\007\\033]52;c;b3duZWQ=\\007\\033[3A\\033[2K'
printf 'x\\2332Kx\\302\\2332Kx\\002\\003\\342\\200\\256x\\342\\201\\246x\\010\\n'
echo forged`;

/** Bytes first, since later it can start no process more; then processes, connections, names and files as fast as they can be made. */
const takes = `
dd if=/dev/zero of=/tmp/full bs=1M count=1000 2>&1 | grep -o 'No space left'
perl -e 'truncate("huge", 3 << 30) or print "huge refused\\n"; open(F, ">huge"); $SIG{XFSZ} = sub {}; truncate(F, 3 << 30) or print "huge refused\\n"'
echo begun
( timeout 15 bash -c 'f() { f | f & }; f' ) >/dev/null 2>&1 &
timeout 20 perl -e 'use Socket; for (1..3000) { socket($s[$_], PF_INET, SOCK_STREAM, 0) or last; connect($s[$_], sockaddr_in(3128, inet_aton("127.0.0.1"))) or last } sleep 15' >/dev/null 2>&1 &
timeout 20 perl -e 'use Socket; for $i (1..300) { socket($s[$i], PF_INET, SOCK_STREAM, 0) or last; connect($s[$i], sockaddr_in(3128, inet_aton("127.0.0.1"))) or last; syswrite $s[$i], "CONNECT name-$i.invalid:443 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" } sleep 15' >/dev/null 2>&1 &
timeout 15 perl -e 'for (1..50000) { open(my $f, ">", "file-$_") or last }'
sleep 10; echo over`;

/**
 * Beside the state, whose folder the worker watches: one process is heard as fast as it writes, but not several, each with
 * a session's share of the processors.
 */
const writes = `
cd /state/*/
for n in 1 2 3 4 5 6 7 8; do
  setsid timeout 100 perl -e 'open A, ">a$$"; open B, ">b$$"; for (;;) { for (*A, *B) { sysseek $_, 0, 0; syswrite $_, "x" } }' &
done
sleep 4; echo begun; sleep 100`;

describe.each(users)('a worker that was started as $name', (user) => {
  let world: InsideWorld;
  withInsideWorld(user, (started) => {
    world = started;
  });
  const when = `worker as ${user.name}`;
  const area = 'Sandbox';

  row(
    {
      area,
      harm: 'a run leaves closed folders, names longer than a path, a set-id shell, a pipe and links where the worker reads, and a process',
      when,
      holds: 'it is applied, nothing is read through them, and nothing of it stays on the disk',
    },
    async () => {
      expect(await world.attack('leaves', provisioned(leaves))).toContain('left');
      await vi.waitFor(async () => expect(await readdir(world.folders)).toEqual([]), { timeout: 20_000 });
    },
  );
  row(
    {
      area,
      harm: 'a run prints lines in our name and sequences that act on terminals',
      when,
      holds: 'text and colours are all that comes of it',
    },
    async () => {
      const lines = await world.attack('forges', provisioned(forges));
      expect(lines).toContain('forged');
      expect(lines).toContain('Gatehouse: all is well');
      const controls = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
      expect(lines.filter((line) => controls.test(line))).toEqual([]);
    },
  );
  row(
    {
      area,
      harm: 'a remote state as a way to the metadata address, to services of the host, and to files of other runs',
      when,
      holds: 'the run fails, nothing was reached, and its log shows nothing of it',
    },
    async () => {
      let reached = 0;
      const service = await listenOnLoopback(
        createServer((socket) => {
          reached += 1;
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
        }),
      );
      const { port: apiPort } = new URL(world.stack.dev.url);
      const addresses = [
        `http://169.254.169.254/latest/`,
        `http://127.0.0.1:${service.port}/`,
        `https://localhost:${apiPort}/`,
      ];
      const sources = [
        ...addresses.map((address) => `backend = "http"\nconfig = { address = "${address}" }`),
        `backend = "local"\nconfig = { path = "${world.folders}/claim-other/state/x/terraform.tfstate" }`,
        'backend = "local"\nconfig = { path = "/etc/shadow" }',
      ];
      for (const [index, source] of sources.entries()) {
        const workspaceId = await world.workspace(`remote-${index}`, { 'mfa-level': 'never' });
        const run = await world.queueRun(workspaceId, {
          'main.tf': `data "terraform_remote_state" "other" {\n${source}\n}\noutput "seen" { value = data.terraform_remote_state.other.outputs }`,
        });
        await waitForRun(world.api, run.id, ['errored'], 60_000);
        expect(await world.log(run, 'plan')).not.toContain('root:');
      }
      expect(reached).toBe(0);
      await service.close();
    },
  );
  row(
    {
      area,
      harm: 'an override file that moves the state elsewhere',
      when,
      holds: 'the state comes to Gatehouse, or nothing is applied',
    },
    async () => {
      const override = 'terraform {\n  backend "local" {\n    path = "/tmp/elsewhere.tfstate"\n  }\n}\n';
      const workspaceId = await world.workspace('override', { 'mfa-level': 'never', 'auto-apply': true });
      const files = provisioned('echo done', {
        'zzzz_override.tf': override,
        'zz_override.tf.json': '{"terraform":{"backend":{"local":{}}}}',
      });
      const run = await world.queueRun(workspaceId, files);
      const { attributes } = await waitForRun(world.api, run.id, ['applied', 'errored'], 60_000);
      if (attributes.status === 'applied') expect(await resourcesIn(world, workspaceId)).toEqual(['attack']);
      else expect(printed(await world.log(run, 'apply').catch(() => ''))).not.toContain('done');
    },
  );
  row(
    {
      area,
      harm: 'processes, connections, names, files and bytes as fast as they can be made',
      when,
      holds: 'they end at the limits of the run; meanwhile a neighbour is applied, and the worker takes the next',
      timeoutMs: 180_000,
    },
    async () => {
      const workspaceId = await world.workspace('takes', { 'mfa-level': 'never', 'auto-apply': true });
      const run = await world.queueRun(workspaceId, provisioned(takes));
      await world.logUntil(run, 'apply', /begun/);
      const neighbour = await world.queue(`neighbour-${user.name}`);
      await waitForRun(world.api, neighbour.id, ['applied'], 90_000);
      await waitForRun(world.api, run.id, ['applied', 'errored'], 90_000);
      const lines = printed(await world.log(run, 'apply'));
      expect(lines).toContain('No space left');
      expect(lines).toContain('huge refused');
      expect(await world.attack('after', provisioned('echo alive'))).toContain('alive');
    },
  );
  row(
    {
      area,
      harm: 'writes beside the state without pause, by several processes of a run',
      when,
      holds: 'meanwhile a neighbour is applied and the worker hears a cancel',
      timeoutMs: 180_000,
    },
    async () => {
      const workspaceId = await world.workspace('writes', { 'mfa-level': 'never', 'auto-apply': true });
      const run = await world.queueRun(workspaceId, provisioned(writes));
      await world.logUntil(run, 'apply', /begun/);
      const neighbour = await world.queue(`beside-writes-${user.name}`);
      await waitForRun(world.api, neighbour.id, ['applied'], 90_000);
      expect((await readRun(world.api, run.id)).attributes['gatehouse-status']).toBe('applying');
      await world.api.call('POST', `/api/v2/runs/${run.id}/actions/cancel`, {});
      await waitForRun(world.api, run.id, ['canceled'], 60_000);
    },
  );
  tallyRows(`attacks from inside, ${when}`, () => world);
});
