import { parseForeignJson } from '@gatehouse/shared/foreign-json';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { cutSchemas } from '../plan-schemas.ts';
import { prepareTerraform, workingDirectory } from '../run-terraform.ts';

/** All schemas of all providers of the run: the largest providers have 30 MB each. */
const longestSchemas = 512 * 1024 * 1024;
/** The three largest providers have about six million together; terraform knows no way to ask for less. */
const maxSchemaParts = 12_000_000;

export async function prepareSchemas(phase: PhaseContext): Promise<void> {
  if (!phase.claim.wantsProviderSchemas) return;
  const options = { captureStdoutLimitBytes: longestSchemas, offline: true };
  phase.made.schemasAhead = await prepareTerraform(phase, ['providers', 'schema', '-json'], options);
}

/** Only for a plan that the terraform CLI will draw: it starts every provider once more. */
export const readSchemas: Step = {
  doing: 'reading the schemas of the providers',
  async run(phase) {
    if (phase.made.schemasAhead === undefined) return undefined;
    const { exitCode, stdout } = await phase.made.schemasAhead.run({ cwd: workingDirectory(phase) });
    if (exitCode === 0) phase.made.schemas = stdout;
    else sayMissing(phase);
    return undefined;
  },
};

/** The api makes up what is missing, so that the plan can be drawn all the same, if less well. */
function sayMissing({ log }: PhaseContext): void {
  log.say('The schemas of the providers could not be read; the terraform CLI shows plain values for it.');
}

export const storeSchemas: Step = {
  doing: 'storing the schemas of the plan',
  async run(phase) {
    const { schemas } = phase.made;
    if (schemas === undefined) return undefined;
    const cut = cutOrNone(schemas, need(phase, 'planJson'));
    if (cut === undefined) sayMissing(phase);
    else await phase.api.storeProviderSchemas(Buffer.from(JSON.stringify(cut)));
    return undefined;
  },
};

/** undefined: what terraform printed is no schemas. */
function cutOrNone(schemas: Uint8Array, planJson: Uint8Array): ReturnType<typeof cutSchemas> | undefined {
  try {
    return cutSchemas(parseForeignJson(schemas, maxSchemaParts), parseForeignJson(planJson));
  } catch {
    return undefined;
  }
}
