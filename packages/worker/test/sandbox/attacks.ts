import { currentArchitecture } from '../../src/sandbox/seccomp.ts';
import { deniedCalls, judgedCalls } from '../../src/sandbox/syscall-numbers.ts';

import { strayDescriptor } from './worker-users.ts';

/** What hostile code of a run tries, as shell scripts, and what it must see (`expected`) and not see (`absent`). */
export interface Attack {
  script: string;
  expected: RegExp;
  absent?: RegExp;
  exitCode?: number;
}

const target = currentArchitecture();

/** Prints the errno of a raw system call; perl is part of every Debian. */
function rawCall(name: keyof typeof deniedCalls | keyof typeof judgedCalls, ...values: number[]): string {
  const number = { ...deniedCalls, ...judgedCalls }[name][target];
  return `perl -e '$! = 0; syscall(${[number, ...values].join(', ')}); print "${name} ", $! + 0, "\\n"'`;
}

function socketOf(family: number, type: number, protocol: number): string {
  return `perl -e 'print socket(my $s, ${family}, ${type}, ${protocol}) ? "made" : "errno " . ($! + 0), "\\n"'`;
}

const writeAll = (...paths: string[]) => paths.map((path) => `( : >>${path} ) 2>&1; `).join('');

export const attacks = {
  'reads the environment of pid 1': {
    script: "tr '\\0' '\\n' </proc/1/environ | sed 's/=.*//'",
    expected: /^PATH\n(PWD\n)?$/,
  },
  'reads the command line of pid 1': {
    script: "tr '\\0' ' ' </proc/1/cmdline",
    expected: /^bwrap --args 3 -- prlimit/,
    absent: /run-secret-value|setenv/,
  },
  'reads what pid 1 has open': {
    script: 'ls -l /proc/1/fd /proc/1/root/ /proc/1/cwd/',
    expected: /eventfd/,
    absent: /memfd|pipe:|other-run|\bvar\b|\bboot\b/,
  },
  'reads a descriptor that the worker inherited': {
    script: `cat /proc/self/fd/${strayDescriptor} 2>&1; echo end`,
    expected: /end$/m,
    absent: /inherited secret/,
  },
  'writes kernel settings': {
    script: writeAll(
      '/proc/sys/kernel/core_pattern',
      '/proc/sys/kernel/modprobe',
      '/proc/sysrq-trigger',
      '/proc/sys/vm/drop_caches',
    ),
    expected: /^((.*(Permission denied|Read-only file system|nonexistent).*)\n){4}$/,
  },
  'looks for files of the host': {
    script: 'for p in /root /var /boot /mnt /srv /sys /etc/shadow /home/*; do ls -d $p 2>/dev/null; done; ls /',
    expected: /workspace/,
    absent: /^\/root|^\/var|^\/boot|^\/sys|shadow|^\/home\/(?!run)/m,
  },
  'reads the state of another run': { script: 'cat "$OTHER_RUN/terraform.tfstate" 2>&1', expected: /No such file/ },
  'looks for processes of the host': { script: 'ls -d /proc/[0-9]* | wc -l', expected: /^\d\n$/ },
  'writes what is shared': {
    script: writeAll(
      '/usr/evil',
      '/etc/passwd',
      '/etc/evil',
      '/plugins/evil',
      '/dev/evil',
      '/evil',
      '/run/relay.sh',
      '/run/gatehouse/evil',
    ),
    expected: /^((.*(Permission denied|Read-only file system|cannot create).*)\n){8}$/,
  },
  'takes away the sockets': {
    script: 'rm -f /run/gatehouse/proxy 2>&1',
    expected: /Read-only file system|Permission denied/,
  },
  'connects to Redis of the host': {
    script: 'socat -T2 - TCP:127.0.0.1:$REDIS_PORT 2>&1',
    expected: /Connection refused/,
    absent: /PONG/,
  },
  'connects to Redis through the proxy': {
    script: 'socat -T2 - PROXY:127.0.0.1:127.0.0.1:$REDIS_PORT,proxyport=3128 2>&1',
    expected: /403|refused/i,
    absent: /PONG/,
  },
  'connects to Redis through the proxy by a name': {
    script: 'socat -T2 - PROXY:127.0.0.1:localhost:$REDIS_PORT,proxyport=3128 2>&1',
    expected: /403|refused/i,
    absent: /PONG/,
  },
  'connects to the metadata address': {
    script: 'socat -T2 - TCP:169.254.169.254:80 2>&1',
    expected: /Network is unreachable/,
  },
  'connects to the metadata address through the proxy': {
    script: 'socat -T2 - PROXY:127.0.0.1:169.254.169.254:80,proxyport=3128 2>&1',
    expected: /403|refused/i,
  },
  'asks for credentials without the token': {
    script: 'printf "GET /credentials HTTP/1.0\\r\\n\\r\\n" | socat -T2 - TCP:127.0.0.1:3128',
    expected: /^HTTP\/1.1 401 /,
  },
  'connects to an abstract socket of the host': {
    script: 'socat -T2 - ABSTRACT-CONNECT:$ABSTRACT 2>&1',
    expected: /Connection refused/,
    absent: /PONG/,
  },
  'opens a socket outside the network namespace (VSOCK)': { script: socketOf(40, 1, 0), expected: /^errno 97$/m },
  'opens a packet socket': { script: socketOf(17, 3, 0), expected: /^errno 97$/m },
  'opens a kernel crypto socket': { script: socketOf(38, 5, 0), expected: /^errno 97$/m },
  'opens an SCTP socket': { script: socketOf(2, 1, 132), expected: /^errno 93$/m },
  'opens a socket whose protocol is left to the kernel (SEQPACKET)': {
    script: socketOf(2, 5, 0),
    expected: /^errno 93$/m,
  },
  'opens a netlink socket to the firewall': { script: socketOf(16, 3, 12), expected: /^errno 93$/m },
  'opens a raw socket': { script: socketOf(2, 3, 1), expected: /^errno 1$/m },
  'traces, keys, loads, rings': {
    script: [
      rawCall('ptrace', 16, 1, 0, 0),
      rawCall('keyctl', 0, 0, 0),
      rawCall('bpf', 0, 0, 0),
      rawCall('io_uring_setup', 1, 0),
    ].join(';'),
    expected: /^ptrace 1\nkeyctl 1\nbpf 1\nio_uring_setup 1\n$/,
  },
  'makes namespaces': {
    script: [
      rawCall('unshare', 0x1000_0000),
      rawCall('clone', 0x1000_0011, 0, 0, 0, 0),
      rawCall('clone3', 0, 0),
      rawCall('setns', 0, 0),
    ].join(';'),
    expected: /^unshare 1\nclone 1\nclone3 38\nsetns 1\n$/,
  },
  'nests a sandbox and mounts': {
    script:
      'unshare -Ur true 2>&1; mount -t tmpfs x /tmp 2>&1; mknod /tmp/n c 1 1 2>&1; bwrap --ro-bind / / true 2>&1; echo end',
    expected: /(.*\n){4,}end/,
    absent: /uid=0/,
  },
  'leaves a set-user-id shell behind': {
    script: 'cp /bin/sh /workspace/setuid-shell && chmod 4755 /workspace/setuid-shell && echo left',
    expected: /^left$/m,
  },
  'leaves a link for the worker to follow': {
    script: 'ln -s /etc/shadow /workspace/errored.tfstate; echo left',
    expected: /^left$/m,
  },
  'leaves a process behind': {
    script:
      'setsid socat UNIX-LISTEN:/workspace/behind,fork EXEC:/bin/cat </dev/null >/dev/null 2>&1 & until [ -S /workspace/behind ]; do :; done; echo left',
    expected: /^left$/m,
  },
  'speaks to the process that an earlier command left': {
    script: 'socat -T2 - UNIX-CONNECT:/workspace/behind 2>&1 </dev/null',
    expected: /Connection refused/,
  },
  'forks without end': {
    script: `perl -e 'my $n = 0; for (1..400) { my $p = fork; last if !defined $p; if (!$p) { sleep 60; exit } $n++ } print "forked $n\\n"; kill 9, -1'`,
    expected: /^$|^forked ([1-5]?\d|6[0-4])\n$/,
    exitCode: 137,
  },
  'escapes the out-of-memory killer': {
    script: '(echo -1000 >/proc/self/oom_score_adj) 2>&1; echo end',
    expected: /Permission denied|denied|I\/O error/,
  },
  'raises its limits': {
    script: '(ulimit -n 100000) 2>&1; prlimit --nproc=100000 true 2>&1',
    expected: /(.*not permitted.*\n?){2}/i,
  },
  'fills the temporary folder': {
    script: 'dd if=/dev/zero of=/tmp/full bs=1M count=6 2>&1',
    expected: /No space left/,
  },
  'writes a huge file': {
    script: 'dd if=/dev/zero of=/workspace/huge bs=1M count=10; stat -c %s /workspace/huge; rm /workspace/huge',
    expected: /^8388608$/m,
  },
  'forges lines of the command itself': {
    script: '(echo forged >/proc/2/fd/1) 2>&1; true',
    expected: /No such device|cannot create/,
    absent: /^forged/m,
  },
  'kills everything it can see': { script: "perl -e 'kill 9, -1'; sleep 60", expected: /^$/, exitCode: 137 },
} as const satisfies Record<string, Attack>;
