import * as z from 'zod/mini';

/*
 * What the page reads of terraform's plan JSON (`terraform show -json`, format_version 1.x). Terraform adds fields
 * within a major version and keeps the old ones, so unknown ones are ignored.
 */
const change = z.object({
  actions: z.array(z.string()),
  before: z.optional(z.unknown()),
  after: z.optional(z.unknown()),
  after_unknown: z.optional(z.unknown()),
  before_sensitive: z.optional(z.unknown()),
  after_sensitive: z.optional(z.unknown()),
  replace_paths: z.optional(z.nullable(z.array(z.array(z.union([z.string(), z.number()]))))),
  importing: z.optional(z.nullable(z.object({ id: z.optional(z.string()) }))),
});

const resourceChange = z.object({
  address: z.string(),
  previous_address: z.optional(z.string()),
  mode: z.optional(z.string()),
  change,
  action_reason: z.optional(z.string()),
  deposed: z.optional(z.string()),
});

const planJson = z.object({
  format_version: z.string().check(z.regex(/^1\./)),
  resource_changes: z.optional(z.array(resourceChange)),
  resource_drift: z.optional(z.array(resourceChange)),
  output_changes: z.optional(z.record(z.string(), change)),
  errored: z.optional(z.boolean()),
});

export type TerraformChange = z.infer<typeof change>;

/** In the order in which they are shown: what is lost first. */
export const planActions = ['destroy', 'replace', 'change', 'add', 'forget', 'read'] as const;
export type PlanAction = (typeof planActions)[number];

export type ResourcePlan = {
  /** Unique: an address may come twice, once for a deposed object. */
  key: string;
  address: string;
  action: PlanAction | 'none';
  change: TerraformChange;
  /** Why, in terraform's word, such as `delete_because_no_resource_config`. */
  reason: string | undefined;
  movedFrom: string | undefined;
  importId: string | undefined;
};

export type OutputPlan = { name: string; action: PlanAction | 'none'; change: TerraformChange };

export type Plan = {
  /** What would happen, in the order of `planActions`, then by address. */
  resources: readonly ResourcePlan[];
  outputs: readonly OutputPlan[];
  /** What changed outside terraform since the last apply. */
  drift: readonly ResourcePlan[];
};

/** Undefined when it is no plan that this page can read; its log tells the same then. */
export function readPlan(json: unknown): Plan | undefined {
  const parsed = planJson.safeParse(json);
  if (!parsed.success) return undefined;
  const { resource_changes: changes = [], resource_drift: drift = [], output_changes: outputs = {} } = parsed.data;
  return {
    resources: sorted(changes.map(resourcePlan).filter(isWorthShowing)),
    drift: sorted(drift.map(resourcePlan).filter(isWorthShowing)),
    outputs: Object.entries(outputs)
      .map(([name, output]) => ({ name, action: actionOf(output.actions), change: output }))
      .filter(({ action }) => action !== 'none'),
  };
}

function resourcePlan(resource: z.infer<typeof resourceChange>): ResourcePlan {
  const { address, deposed, previous_address: movedFrom } = resource;
  return {
    key: deposed === undefined ? address : `${address} (deposed ${deposed})`,
    address,
    action: actionOf(resource.change.actions),
    change: resource.change,
    reason: resource.action_reason,
    movedFrom: movedFrom === address ? undefined : movedFrom,
    importId: resource.change.importing?.id,
  };
}

/** Reads of data sources are terraform's own business; a mere move or import is not. */
function isWorthShowing({ action, movedFrom, importId }: ResourcePlan): boolean {
  if (action === 'read') return false;
  return action !== 'none' || movedFrom !== undefined || importId !== undefined;
}

/** Terraform's lists: create, read, update, delete, forget, no-op, and pairs of create and delete for a replacement. */
function actionOf(actions: readonly string[]): PlanAction | 'none' {
  if (actions.includes('create') && (actions.includes('delete') || actions.includes('forget'))) return 'replace';
  const names: Record<string, PlanAction> = {
    create: 'add',
    update: 'change',
    delete: 'destroy',
    forget: 'forget',
    read: 'read',
  };
  return names[actions[0] ?? ''] ?? 'none';
}

function sorted(resources: readonly ResourcePlan[]): ResourcePlan[] {
  const rank = ({ action }: ResourcePlan) => (action === 'none' ? planActions.length : planActions.indexOf(action));
  return resources.toSorted((a, b) => rank(a) - rank(b) || (a.address < b.address ? -1 : 1));
}
