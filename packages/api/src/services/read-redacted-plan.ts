import { parseForeignJson } from '@gatehouse/shared/foreign-json';
import { textsOfHcl } from '@gatehouse/shared/hcl-literal';
import type { Sealer } from '@gatehouse/shared/seal';
import { claimedVariable } from '@gatehouse/shared/worker-api';
import { z } from 'zod';
import type { BlobStore } from '../blobs/blob-store.ts';
import { type DrawablePlan, drawablePlan } from '../domain/plan-schemas.ts';
import { redactPlan } from '../domain/redact-plan.ts';
import type { Run } from '../store/runs.ts';
import { runVariablesContext } from './create-run.ts';
import { readPlanJson, readProviderSchemas } from './plan-files.ts';

/** The run's plan as everybody who may see the run may see it; undefined when the plan left none. */
export async function readRedactedPlan(
  dependencies: { blobs: BlobStore; sealer: Pick<Sealer, 'unsealText'> },
  run: Run,
): Promise<DrawablePlan | undefined> {
  const json = await readPlanJson(dependencies, run.id);
  if (json === undefined) return undefined;
  const plan: unknown = parseForeignJson(json);
  const redacted = redactPlan(plan, await sensitiveValues(dependencies, run));
  return drawablePlan(redacted, await readProviderSchemas(dependencies, run.id));
}

/** Terraform knows only of variables that the configuration declares sensitive; Gatehouse knows of the others. */
async function sensitiveValues({ sealer }: { sealer: Pick<Sealer, 'unsealText'> }, run: Run): Promise<string[]> {
  const text = await sealer.unsealText(run.sealedVariables, runVariablesContext(run.id));
  return z
    .array(claimedVariable)
    .parse(JSON.parse(text))
    .filter(({ sensitive }) => sensitive)
    .flatMap(({ value, hcl }) => (hcl ? [value, ...textsOfHcl(value)] : [value]));
}
