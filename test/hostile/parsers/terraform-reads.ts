import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClaimedVariable } from '@gatehouse/shared/worker-api';
import { execa } from 'execa';
import type { PhaseContext } from '../../../packages/worker/src/phases/phase.ts';
import { writeVariables } from '../../../packages/worker/src/phases/steps/write-variables.ts';

/** What the real terraform has for each variable, and the files that it refuses. */
export type Reading = { values: Record<string, unknown>; refused: ReadonlySet<string> };

type Variable = Pick<ClaimedVariable, 'key' | 'value' | 'hcl'>;

/** Writes the variables as a run does, beside a configuration that declares `names`, and plans. */
export function terraformReads(variables: readonly Variable[], names: readonly string[]): Promise<Reading> {
  return plan(names, (host) => write(host, variables));
}

/** The same with files of variables of the test's own. */
export function terraformReadsFiles(
  files: Readonly<Record<string, string>>,
  names: readonly string[],
): Promise<Reading> {
  return plan(names, async (host) => {
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(host, name), content);
  });
}

async function plan(names: readonly string[], layOut: (host: string) => Promise<void>): Promise<Reading> {
  const host = await mkdtemp(path.join(tmpdir(), 'gh-parsers-'));
  try {
    const declared = Object.fromEntries(names.map((name) => [name, { default: 'the default' }]));
    await writeFile(path.join(host, 'main.tf.json'), JSON.stringify({ variable: declared }));
    await layOut(host);
    const planned = await terraform(host, ['plan', '-json', '-input=false', '-out=plan']);
    if (planned.exitCode !== 0) return { values: {}, refused: refusedFiles(planned.stdout) };
    const shown = await terraform(host, ['show', '-json', 'plan']);
    const { variables: read = {} } = JSON.parse(shown.stdout);
    return { values: Object.fromEntries(names.map((name) => [name, Object(read[name])['value']])), refused: new Set() };
  } finally {
    await rm(host, { recursive: true, force: true });
  }
}

async function write(
  host: string,
  variables: readonly Pick<ClaimedVariable, 'key' | 'value' | 'hcl'>[],
): Promise<void> {
  const made = {
    directory: { host, below: '' },
    variables: variables.map((one) => ({ ...one, category: 'terraform', sensitive: false })),
  };
  // As much of a phase as the step asks for.
  const outcome = await writeVariables.run({ made, log: { say: () => undefined } } as unknown as PhaseContext);
  if (outcome !== undefined) throw new Error(JSON.stringify(outcome));
}

function terraform(cwd: string, argv: string[]) {
  const { TF_CLI_CONFIG_FILE: _others, ...environment } = process.env;
  return execa('terraform', argv, {
    cwd,
    reject: false,
    extendEnv: false,
    env: { ...environment, CHECKPOINT_DISABLE: '1' },
    stripFinalNewline: false,
  });
}

/** One error of syntax is told for each file. */
function refusedFiles(log: string): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const line of log.split('\n').filter((text) => text.includes('"diagnostic"'))) {
    const { severity, range, summary, detail } = Object(JSON.parse(line)['diagnostic']);
    if (severity === 'error' && range === undefined) throw new Error(`terraform refuses it: ${summary} ${detail}`);
    if (severity === 'error') refused.add(String(range.filename));
  }
  if (refused.size === 0) throw new Error(`terraform plan failed: ${log.slice(-2000)}`);
  return refused;
}
