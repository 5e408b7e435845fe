import { describe, expect, test } from 'vitest';
import { type Architecture, currentArchitecture, seccompFilter, verdicts } from '../../src/sandbox/seccomp.ts';
import { deniedCalls, judgedCalls } from '../../src/sandbox/syscall-numbers.ts';

const auditArchitecture = { x86_64: 0xc000003e, arm64: 0xc00000b7 } as const;

/** A classic BPF machine of the five instructions that the filter uses, over `struct seccomp_data`. */
function verdictOf(filter: Uint8Array, call: { number: number; architecture: number; arguments: number[] }): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.architecture, true);
  for (const [index, value] of call.arguments.entries()) data.setBigUint64(16 + index * 8, BigInt(value), true);
  const program = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  let accumulator = 0;
  for (let at = 0; at * 8 < filter.byteLength; at += 1) {
    const operand = program.getUint32(at * 8 + 4, true);
    const jump = (taken: boolean) => {
      at += program.getUint8(at * 8 + (taken ? 2 : 3));
    };
    const code = program.getUint16(at * 8, true);
    if (code === 0x20) accumulator = data.getUint32(operand, true);
    else if (code === 0x15) jump(accumulator === operand);
    else if (code === 0x35) jump(accumulator >= operand);
    else if (code === 0x45) jump((accumulator & operand) !== 0);
    else if (code === 0x06) return operand;
    else throw new Error(`Unknown instruction ${code}`);
  }
  throw new Error('The filter ran off its end');
}

describe.each<Architecture>(['x86_64', 'arm64'])('on %s', (target) => {
  const filter = seccompFilter(target);
  const judge = (number: number, ...values: number[]) =>
    verdictOf(filter, { number, architecture: auditArchitecture[target], arguments: values });
  const { clone, clone3, socket, socketpair, ioctl } = judgedCalls;

  test('every call of the table is denied', () => {
    for (const [name, call] of Object.entries(deniedCalls)) {
      const number = call[target];
      if (number !== undefined) expect([name, judge(number)]).toEqual([name, verdicts.eperm]);
    }
  });

  test('everything else is allowed', () => {
    const named = [...Object.values(deniedCalls), ...Object.values(judgedCalls)].map((call) => call[target]);
    for (let number = 0; number < 470; number += 1) {
      if (!named.some((known) => known === number)) expect([number, judge(number)]).toEqual([number, verdicts.allow]);
    }
  });

  test('processes and threads can be made, namespaces cannot', () => {
    const sigchld = 17;
    expect(judge(clone[target], sigchld)).toBe(verdicts.allow);
    expect(judge(clone[target], 0x003d0f00)).toBe(verdicts.allow);
    for (const flag of [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(judge(clone[target], flag | sigchld)).toBe(verdicts.eperm);
    }
    expect(judge(clone3[target])).toBe(verdicts.enosys);
  });

  test('sockets are unix, internet or netlink', () => {
    for (const call of [socket, socketpair]) {
      for (let family = 0; family < 50; family += 1) {
        const expected = [1, 2, 10, 16].includes(family) ? verdicts.allow : verdicts.eafnosupport;
        expect([family, judge(call[target], family)]).toEqual([family, expected]);
      }
    }
  });

  test('internet sockets speak what terraform needs, netlink tells of routes, and no other protocol is loaded', () => {
    const [stream, datagram, seqpacket, dccp, nonblockCloexec] = [1, 2, 5, 6, 0x80800];
    for (const family of [2, 10]) {
      for (const type of [stream, datagram, stream | nonblockCloexec]) {
        for (const protocol of [0, 1, 6, 17, 58])
          expect(judge(socket[target], family, type, protocol)).toBe(verdicts.allow);
        // SCTP, DCCP, UDP-Lite, MPTCP, L2TP.
        for (const protocol of [132, 33, 136, 262, 115]) {
          expect(judge(socket[target], family, type, protocol)).toBe(verdicts.eprotonosupport);
        }
      }
      for (const type of [seqpacket, dccp, seqpacket | nonblockCloexec]) {
        expect(judge(socket[target], family, type, 0)).toBe(verdicts.eprotonosupport);
      }
    }
    expect(judge(socket[target], 1, seqpacket, 0)).toBe(verdicts.allow);
    expect(judge(socket[target], 16, 3, 0)).toBe(verdicts.allow);
    for (const protocol of [4, 9, 12, 15, 16])
      expect(judge(socket[target], 16, 3, protocol)).toBe(verdicts.eprotonosupport);
  });

  test('nobody types into a terminal', () => {
    expect(judge(ioctl[target], 0, 0x5412)).toBe(verdicts.eperm);
    expect(judge(ioctl[target], 0, 0x541c)).toBe(verdicts.eperm);
    // The kernel looks at the low word of the request only.
    expect(judge(ioctl[target], 0, 0x1_0000_5412)).toBe(verdicts.eperm);
    expect(judge(ioctl[target], 0, 0x5401)).toBe(verdicts.allow);
  });

  test('a call under a foreign ABI kills', () => {
    const i386 = 0x40000003;
    expect(verdictOf(filter, { number: 0, architecture: i386, arguments: [] })).toBe(verdicts.killProcess);
    if (target === 'x86_64') expect(judge(0x40000000 + 101)).toBe(verdicts.killProcess);
  });
});

test('an architecture without a table is refused', () => {
  expect(() => currentArchitecture('riscv64')).toThrow(/riscv64/);
});
