import { readFileSync } from 'node:fs';

// Loaded into a process before its program (NODE_OPTIONS): its clock is wrong by the milliseconds that a file says, which
// the test writes. What measures time without a clock, as timers do, stays right, as on a host whose clock is set.

const file = process.env['GATEHOUSE_TEST_CLOCK'] ?? '';
const RightDate = Date;
let wrongByMs = read();
setInterval(() => {
  wrongByMs = read();
}, 50).unref();

const now = () => RightDate.now() + wrongByMs;
globalThis.Date = new Proxy(RightDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new RightDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

function read(): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}
