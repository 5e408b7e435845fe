import { readdir } from 'node:fs/promises';
import type { Run } from '@gatehouse/dev/run-client';
import type { StackOptions } from '@gatehouse/dev/stack';
import { type Gatehouse, startGatehouse } from '../e2e/stack.ts';
import { type Effects, startEffects } from './effects.ts';
import { takeUser } from './own-user.ts';
import { readEnded, type Tally } from './tally.ts';

/** A Gatehouse of real processes to be broken, and the world that its runs act on. */
export type FaultWorld = Gatehouse & {
  effects: Effects;
  /** The user that terraform runs as in this world alone, so that what is left of it can be told from others'. */
  sandboxUid: number;
  /**
   * Queues a run that tells `effects` how far it is: its plan calls `/NAME/plan`, its apply `/NAME/apply` between
   * `beforeLines` and as many lines behind. `name` is its new workspace's. `level`: default `never`.
   */
  queue(name: string, options?: Queued): Promise<FaultRun>;
  /** Ends the world, counts what was lost and what is left. Throws when runs do not end. */
  end(): Promise<Tally>;
};

export type Queued = { level?: 'never' | 'applies_only' | 'plans_and_applies'; autoApply?: boolean };
export type FaultRun = Run & { name: string; workspaceId: string };

/** Lines that an apply prints on either side of its effect. */
export const linesOfApply = 200;

export async function startFaultWorld(
  options: Partial<
    Pick<StackOptions, 'host' | 'port' | 'workers' | 'apiEnvironment' | 'workerEnvironment' | 'workerPrefix'>
  > & {
    /** `name=host:port` that runs reach besides the effects. */
    forwards?: string;
    /** Default: one of this world's own. */
    sandboxUid?: number;
    /** Where workers reach the effects, when they are in another network. Default 127.0.0.1. */
    effectsHost?: string;
  } = {},
): Promise<FaultWorld> {
  const { forwards, effectsHost = '127.0.0.1', sandboxUid = takeUser(), ...rest } = options;
  const effects = await startEffects(effectsHost);
  const reach = [`effects=${effectsHost}:${effects.port}`, ...(forwards === undefined ? [] : [forwards])].join(',');
  const gatehouse = await startGatehouse({
    ...rest,
    workerEnvironment: {
      GATEHOUSE_SANDBOX_FORWARDS: reach,
      GATEHOUSE_SANDBOX_UID: String(sandboxUid),
      GATEHOUSE_CONCURRENCY: '12',
      ...options.workerEnvironment,
    },
  }).catch(async (error) => {
    await effects.close();
    throw error;
  });
  const runs: FaultRun[] = [];
  const foldersBefore = new Set(await readdir(gatehouse.stack.workFolder));
  return {
    ...gatehouse,
    effects,
    sandboxUid,
    async queue(name, { level = 'never', autoApply = true } = {}) {
      const workspaceId = await gatehouse.workspace(name, { 'mfa-level': level, 'auto-apply': autoApply });
      const run = await gatehouse.queueRun(workspaceId, tellingConfiguration(effects.port, name));
      runs.push({ ...run, name, workspaceId });
      return { ...run, name, workspaceId };
    },
    end: () => readEnded({ gatehouse, effects, sandboxUid, runs, foldersBefore }),
  };
}

/** Calls `http://127.0.0.1:port/NAME/plan` in its plan and `/NAME/apply` once in its apply. */
export function tellingConfiguration(port: number, name: string): Record<string, string> {
  const count = (from: number, to: number) => `for n in $(seq ${from} ${to}); do echo line $n; done`;
  const post = `POST /${name}/apply HTTP/1.0\\r\\nContent-Length: 0\\r\\n\\r\\n`;
  const call = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${post.replaceAll('\\', '\\\\')}' >&3; cat <&3 >/dev/null`;
  return {
    'main.tf': `
data "terraform_remote_state" "told" {
  backend = "http"
  config  = { address = "http://127.0.0.1:${port}/${name}/plan" }
}
resource "terraform_data" "first" { input = length(data.terraform_remote_state.told.outputs) }
resource "terraform_data" "second" {
  input = terraform_data.first.output
  provisioner "local-exec" {
    interpreter = ["bash", "-c"]
    command     = "${count(1, linesOfApply)}; ${call}; ${count(linesOfApply + 1, 2 * linesOfApply)}"
  }
}
`,
  };
}
