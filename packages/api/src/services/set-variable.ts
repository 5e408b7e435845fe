import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { hclLiteralRule, parseHclLiteral } from '@gatehouse/shared/hcl-literal';
import { newId } from '@gatehouse/shared/ids';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { alwaysSensitive, refusalOfName, refusalOfValue, variableNamePatterns } from '../domain/variable-names.ts';
import type { Database } from '../store/database.ts';
import type { VariableRow } from '../store/effective-variables.ts';
import { changeVariable, insertVariable, type VariableScope } from '../store/variables.ts';

type Dependencies = { database: Database; sealer: Sealer; clock: Clock };

export type VariableInput = {
  key: string;
  value: string;
  category: 'env' | 'terraform';
  sensitive: boolean;
  hcl: boolean;
  description: string;
};

/** What a variable's value is sealed for. */
export function variableContext(variableId: string): string {
  return `variable/${variableId}`;
}

/** The caller has checked that the actor owns the scope. Throws `invalid_request` and `already_exists`. */
export async function createVariable(
  { database, sealer, clock }: Dependencies,
  actor: Actor,
  scope: VariableScope,
  input: VariableInput,
): Promise<VariableRow> {
  const row = await newVariable({ sealer, clock }, actor, scope, input);
  await insertVariable(database, actor, row);
  return row;
}

/** The row of a new variable, for whoever writes it together with others. Throws `invalid_request`. */
export async function newVariable(
  { sealer, clock }: Pick<Dependencies, 'sealer' | 'clock'>,
  actor: Actor,
  scope: VariableScope,
  input: VariableInput,
): Promise<VariableRow> {
  checkVariable(input, input.value);
  const now = clock.now();
  const id = newId('variable', now.getTime());
  const { value, ...attributes } = input;
  return {
    ...attributes,
    organization: scope.organization,
    workspaceId: scope.workspaceId,
    variableSetId: scope.variableSetId ?? null,
    id,
    sensitive: isSensitive(input),
    sealedValue: await sealer.seal(value, variableContext(id)),
    updatedBy: actor.userId,
    createdAt: now,
    updatedAt: now,
  };
}

/** Changes what is given. A value that was write-only stays so: `sensitive: false` needs a new value. */
export async function updateVariable(
  { database, sealer, clock }: Dependencies,
  actor: Actor,
  before: VariableRow,
  input: Partial<VariableInput>,
): Promise<VariableRow> {
  const { value, ...attributes } = input;
  const after: VariableRow = { ...before, ...attributes, updatedBy: actor.userId, updatedAt: clock.now() };
  after.sensitive = isSensitive(after);
  if (before.sensitive && !after.sensitive && value === undefined) {
    throw new GatehouseError('invalid_request', 'A sensitive value is never shown again: give a new value with it.', {
      pointer: '/data/attributes/sensitive',
    });
  }
  // A new name, or that it is HCL now, may bring a rule for the value, which only the opened one can be held against.
  const isRenamed = after.key !== before.key || after.category !== before.category;
  const context = variableContext(before.id);
  const isRead = isRenamed || (after.hcl && !before.hcl);
  const known = value ?? (isRead ? await sealer.unsealText(before.sealedValue, context) : undefined);
  checkVariable(after, known);
  if (value !== undefined) after.sealedValue = await sealer.seal(value, context);
  await changeVariable(database, actor, after, value !== undefined);
  return after;
}

function isSensitive({ key, category, sensitive }: Pick<VariableInput, 'key' | 'category' | 'sensitive'>): boolean {
  return sensitive || (category === 'env' && alwaysSensitive.includes(key));
}

function checkVariable({ key, category, hcl }: Omit<VariableInput, 'value'>, value: string | undefined): void {
  if (!variableNamePatterns[category].test(key)) {
    const more = category === 'terraform' ? ', "-"' : '';
    throw refuse('key', `A name begins with a letter or "_" and goes on with letters, digits${more} and "_".`);
  }
  if (category !== 'env') {
    if (hcl && value !== undefined && parseHclLiteral(value) === undefined) throw refuse('value', hclLiteralRule);
    return;
  }
  const reason = refusalOfName(key);
  if (reason !== undefined) throw refuse('key', `The variable ${key} may not be set: ${reason}.`);
  if (hcl) throw refuse('hcl', 'Only a terraform variable can hold HCL.');
  const rule = value === undefined ? undefined : refusalOfValue(key, value);
  if (rule !== undefined) throw refuse('value', `${key}: ${rule}`);
}

function refuse(field: string, detail: string): GatehouseError {
  return new GatehouseError('invalid_request', detail, { pointer: `/data/attributes/${field}` });
}
