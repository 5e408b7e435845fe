import type { EndReason } from '@gatehouse/shared/end-reasons';

/** One way in which terraform misbehaves, and what the run comes to. */
export type EngineHarm = {
  name: string;
  when?: string;
  /** As `StandIns.add` takes it. */
  script: string;
  holds: string;
  /** The run is canceled as soon as its log holds this. */
  cancelAt?: { phase: 'plan' | 'apply'; pattern: RegExp };
  isStructured?: boolean;
  ends: { status: string; reason: EndReason; message?: RegExp };
  log?: { phase: 'plan' | 'apply'; holds: readonly RegExp[]; lacks?: readonly RegExp[] };
  isChosen?: boolean;
};

const failsPlan = (message: RegExp) => ({ status: 'errored', reason: 'terraform_failed' as const, message });
const only = (command: string, script: string) => `if [ "$1" = ${command} ]; then\n${script}\nfi`;

export const engineHarms: readonly EngineHarm[] = [
  {
    name: 'hangs, and minds SIGINT',
    when: 'init, canceled',
    script: only('init', 'echo hanging; exec sleep 600'),
    cancelAt: { phase: 'plan', pattern: /hanging/ },
    holds: 'the run is canceled at once, without a kill',
    ends: { status: 'canceled', reason: 'canceled' },
    log: { phase: 'plan', holds: [/plan canceled\./] },
  },
  {
    name: 'hangs and ignores SIGINT and SIGTERM',
    when: 'plan, canceled',
    script: only('plan', "trap '' INT TERM; echo hanging; while :; do sleep 1; done"),
    cancelAt: { phase: 'plan', pattern: /hanging/ },
    holds: 'it is killed after the grace, which the log says; the run ends as `force_canceled`',
    ends: { status: 'canceled', reason: 'force_canceled' },
    log: { phase: 'plan', holds: [/terraform is asked to stop/, /terraform is killed/, /plan canceled by force\./] },
    isChosen: true,
  },
  {
    name: 'hangs and ignores SIGINT and SIGTERM',
    when: 'apply, nobody cancels',
    script: only('apply', "trap '' INT TERM; while :; do sleep 1; done"),
    holds: 'the run ends as `phase_timeout`, and terraform is killed after the grace',
    ends: { status: 'errored', reason: 'phase_timeout' },
    log: { phase: 'apply', holds: [/takes longer than allowed/, /terraform is killed/] },
  },
  {
    name: 'ends with 0 without a plan',
    when: 'plan',
    script: only('plan', 'exit 0'),
    holds: 'the run ends as `terraform_failed` and says that there is no plan',
    ends: failsPlan(/left no plan/),
    isChosen: true,
  },
  {
    name: 'writes rubbish for a plan',
    when: 'plan',
    script: only('plan', '"$real" "$@"; head -c 4096 /dev/urandom >"$out"; exit 2'),
    holds: 'the run ends as `terraform_failed`; nothing is kept that could be applied',
    ends: failsPlan(/show of the plan ended with an error/),
  },
  {
    name: 'shows a plan that is no JSON, and ends with 0',
    when: 'plan',
    script: only('show', 'echo "{ this is no plan"; exit 0'),
    holds: 'the run ends as `terraform_failed` and says so',
    ends: failsPlan(/show of the plan/),
    isChosen: true,
  },
  {
    name: 'shows a plan whose changes are of no known form, and ends with 0',
    when: 'plan',
    script: only('show', `echo '{"resource_changes":[{"address":7}]}'; exit 0`),
    holds: 'the run ends as `terraform_failed` and says so',
    ends: failsPlan(/show of the plan/),
  },
  {
    name: 'leaves rubbish where it keeps its backend',
    when: 'init',
    script: only('init', '"$real" "$@"; echo "{ rubbish" >.terraform/terraform.tfstate; exit 0'),
    holds: 'the run ends as `configuration_invalid`: no backend but ours is gone on with',
    ends: { status: 'errored', reason: 'configuration_invalid' },
  },
  {
    name: 'tells schemas that are no JSON',
    when: 'plan that the CLI is to draw',
    script: only('providers', 'echo "{ no schemas"; exit 0'),
    isStructured: true,
    holds: 'the run goes on without them and is applied',
    ends: { status: 'applied', reason: 'applied' },
  },
  {
    name: 'dies of a signal',
    when: 'plan',
    script: only('plan', 'kill -SEGV $$'),
    holds: 'the run ends as `terraform_failed`',
    ends: failsPlan(/plan ended with an error/),
  },
  {
    name: 'dies of SIGKILL',
    when: 'apply, when it has written its state',
    script: only('apply', '"$real" "$@"; kill -KILL $$'),
    holds: 'the run ends as `terraform_failed`, and the state is stored',
    ends: { status: 'errored', reason: 'terraform_failed', message: /2 of 2 changes were applied/ },
  },
  {
    name: 'tells an error in its JSON, does nothing, and ends with 0',
    when: 'apply',
    script: only('apply', `echo '{"@level":"error","@message":"Error: no","type":"diagnostic"}'; exit 0`),
    isStructured: true,
    holds: 'the run does not count as applied: it ends as `state_unavailable`, since no state came of it',
    ends: { status: 'errored', reason: 'state_unavailable', message: /left no new state/ },
  },
  {
    name: 'closes its output',
    when: 'before it plans',
    script: only('plan', 'exec >&- 2>&-; sleep 1; exec "$real" "$@" >/dev/null 2>&1'),
    holds: 'the run is planned and applied all the same',
    ends: { status: 'applied', reason: 'applied' },
  },
  {
    name: 'prints NULs, STX and ETX, escapes and bytes that are no UTF-8',
    when: 'plan',
    script: only(
      'plan',
      `echo sentinel before; printf '\\x02\\x03\\x00\\x1b[2J\\x1b]0;title\\x07\\xff\\xfe\\xc3\\n'; head -c 4194304 /dev/urandom; echo; echo sentinel after`,
    ),
    holds: 'the run is applied; the log holds no control character but colours, and every whole line',
    ends: { status: 'applied', reason: 'applied' },
    log: {
      phase: 'plan',
      holds: [/^sentinel before$/m, /sentinel after/, /plan finished/],
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what may not be there.
      lacks: [/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/],
    },
  },
  {
    name: 'prints one line of 100 MB',
    when: 'plan',
    script: only('plan', `head -c 104857600 /dev/zero | tr '\\0' x; echo`),
    holds: 'the log is cut and says so, and the run is applied',
    ends: { status: 'applied', reason: 'applied' },
    log: { phase: 'plan', holds: [/log cut here after/, /plan finished/] },
  },
  {
    name: 'prints one line of 100 MB',
    when: 'plan in JSON lines',
    script: only('plan', `printf '{"@message":"'; head -c 104857600 /dev/zero | tr '\\0' x; echo '"}'`),
    isStructured: true,
    holds: 'the log is cut and says so, and the run is applied',
    ends: { status: 'applied', reason: 'applied' },
    log: { phase: 'plan', holds: [/log cut here after/, /plan finished/] },
  },
  {
    name: 'fills /tmp and writes a file that is too large',
    when: 'plan',
    script: only(
      'plan',
      'head -c 300M /dev/zero >/tmp/full 2>/dev/null; echo "tmp $?"; rm /tmp/full; ( truncate -s 3G large ) 2>/dev/null; echo "large $?"; rm -f large',
    ),
    holds: 'both are refused by the limits of its sandbox, and the run goes on',
    ends: { status: 'applied', reason: 'applied' },
    log: { phase: 'plan', holds: [/^tmp 1$/m, /^large (?!0$)\d+$/m] },
  },
];
