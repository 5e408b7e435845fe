import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { deniedCalls, judgedCalls } from './syscall-numbers.ts';

// A classic BPF program as `struct sock_filter[]` (linux/filter.h), written out here because no library for it is kept
// up and it is small: load a word, compare, return.
const loadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfAtLeast = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const jumpIfAnyBit = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const returnValue = 0x06; // BPF_RET | BPF_K

export const verdicts = {
  allow: 0x7fff0000,
  killProcess: 0x80000000,
  eperm: 0x00050001,
  enosys: 0x00050026,
  eafnosupport: 0x00050061,
  eprotonosupport: 0x0005005d,
} as const;

// Offsets into `struct seccomp_data`; both architectures are little-endian, so an argument's low word comes first.
const callNumber = 0;
const architecture = 4;
const lowWordOfArgument = (index: number) => 16 + index * 8;

const architectures = {
  x86_64: 0xc000003e,
  arm64: 0xc00000b7,
} as const;
export type Architecture = keyof typeof architectures;

/** Bit of the x32 ABI, which reaches the same calls under other numbers. */
const x32Bit = 0x40000000;
/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET. CLONE_NEWTIME cannot be given to clone(2). */
const newNamespaces = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;
/** Provider plugins speak over unix sockets. AF_VSOCK is not among the families: no network namespace confines it. */
const unix = 1;
/** AF_INET and AF_INET6. */
const internet = [2, 10];
/** Whatever is the type's own, ICMP, TCP, UDP, ICMPv6: others, such as SCTP, would have the kernel load modules. */
const allowedInternetProtocols = [0, 1, 6, 17, 58];
/** SOCK_RDM, SOCK_SEQPACKET, SOCK_DCCP and SOCK_PACKET have one of these bits; streams, datagrams and raw sockets none. */
const rareTypes = 0x0c;
/** Go and libc ask for addresses and interfaces over NETLINK_ROUTE. */
const netlink = 16;
const netlinkRoute = 0;
/** TIOCSTI and TIOCLINUX put key strokes into a terminal. */
const deniedIoctls = [0x5412, 0x541c];

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** The filter for bwrap's `--seccomp`. Everything not named is allowed; a call under a foreign ABI kills the process. */
export function seccompFilter(target: Architecture): Uint8Array {
  const program: Instruction[] = [
    [loadWord, 0, 0, architecture],
    [jumpIfEqual, 1, 0, architectures[target]],
    [returnValue, 0, 0, verdicts.killProcess],
    [loadWord, 0, 0, callNumber],
  ];
  if (target === 'x86_64') program.push(...[[jumpIfAtLeast, 0, 1, x32Bit] as const, returns(verdicts.killProcess)]);
  // Not EPERM: libc falls back from clone3 to clone, whose flags can be read, only when the call seems missing.
  program.push(...onCall(judgedCalls.clone3[target], [returns(verdicts.enosys)]));
  program.push(
    ...onCall(judgedCalls.clone[target], [
      [loadWord, 0, 0, lowWordOfArgument(0)],
      [jumpIfAnyBit, 0, 1, newNamespaces],
      returns(verdicts.eperm),
      returns(verdicts.allow),
    ]),
  );
  for (const call of [judgedCalls.socket, judgedCalls.socketpair]) {
    program.push(
      ...onCall(call[target], [
        [loadWord, 0, 0, lowWordOfArgument(0)],
        ...onCall(unix, [returns(verdicts.allow)]),
        ...onCall(netlink, protocolIn([netlinkRoute])),
        ...internet.flatMap((family) =>
          onCall(family, [
            [loadWord, 0, 0, lowWordOfArgument(1)],
            [jumpIfAnyBit, 0, 1, rareTypes],
            returns(verdicts.eprotonosupport),
            ...protocolIn(allowedInternetProtocols),
          ]),
        ),
        returns(verdicts.eafnosupport),
      ]),
    );
  }
  program.push(
    ...onCall(judgedCalls.ioctl[target], [
      [loadWord, 0, 0, lowWordOfArgument(1)],
      ...deniedIoctls.flatMap((request) => onCall(request, [returns(verdicts.eperm)])),
      returns(verdicts.allow),
    ]),
  );
  for (const call of Object.values(deniedCalls)) {
    const number = call[target];
    if (number !== undefined) program.push(...onCall(number, [returns(verdicts.eperm)]));
  }
  program.push(returns(verdicts.allow));
  return encode(program);
}

/** The architecture of this process. Throws `unavailable` on one that the filter does not know. */
export function currentArchitecture(arch: string = process.arch): Architecture {
  if (arch === 'x64') return 'x86_64';
  if (arch === 'arm64') return 'arm64';
  throw new GatehouseError('unavailable', `The sandbox has no system call filter for the architecture ${arch}`);
}

/** Runs `then` (which ends in a return) when the loaded word equals `value`. */
function onCall(value: number, then: readonly Instruction[]): Instruction[] {
  return [[jumpIfEqual, 0, then.length, value], ...then];
}

/** Allows a socket of these protocols, and no other. */
function protocolIn(protocols: readonly number[]): Instruction[] {
  return [
    [loadWord, 0, 0, lowWordOfArgument(2)],
    ...protocols.flatMap((protocol) => onCall(protocol, [returns(verdicts.allow)])),
    returns(verdicts.eprotonosupport),
  ];
}

function returns(verdict: number): Instruction {
  return [returnValue, 0, 0, verdict];
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, jumpTrue, jumpFalse, operand]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jumpTrue);
    view.setUint8(index * 8 + 3, jumpFalse);
    view.setUint32(index * 8 + 4, operand >>> 0, true);
  }
  return bytes;
}
