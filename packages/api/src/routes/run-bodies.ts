import { isWantedVersion, wantedVersionRule } from '@gatehouse/shared/engine-version';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';
import { type DeviceOwner, deviceOwners } from '../services/answering-identity.ts';
import { ignored } from './json-api.ts';

/** The workspace's name, typed by a person on the page before what destroys. */
export const confirmName = z.string().max(200).nullish();

const addresses = z.array(z.string().min(1).max(1000)).max(500);

/** What a run is queued with. The names that are ignored are go-tfe's, for things that are not here. */
export const newRunAttributes = z.strictObject({
  message: z.string().max(2000).nullish(),
  'auto-apply': z.boolean().nullish(),
  'allow-empty-apply': z.boolean().nullish(),
  'is-destroy': z.boolean().nullish(),
  refresh: z.boolean().nullish(),
  'refresh-only': z.boolean().nullish(),
  'plan-only': z.boolean().nullish(),
  'target-addrs': addresses.nullish(),
  'replace-addrs': addresses.nullish(),
  variables: z
    .array(z.strictObject({ key: z.string().min(1).max(300), value: z.string().max(1_000_000) }))
    .max(500)
    .nullish(),
  /** For plan-only runs: whether an upgrade would go well. */
  'terraform-version': z.string().refine(isWantedVersion, wantedVersionRule).nullish(),
  source: z.string().max(100).nullish(),
  /** The workspace's name, from people on the page who queue a destroy run. */
  'confirm-name': confirmName,
  'save-plan': z.boolean().nullish(),
  'allow-config-generation': z
    .literal(false, 'Configuration is not generated here: write the resource blocks of what you import yourself.')
    .nullish(),
  ...ignored(['debugging-mode', 'trigger-reason', 'created-at', 'status', 'policy-paths', 'invoke-action-addrs']),
});

const identifier = z.object({ id: z.string(), type: z.string().optional() });

export const newRunRelationships = z.object({
  workspace: z.object({ data: identifier }, 'Name the workspace.'),
  /** go-tfe sends null as the data where its caller named no version: the newest. */
  'configuration-version': z.object({ data: identifier.nullable() }, 'Name the configuration version.').nullish(),
});

/** go-tfe and the terraform CLI send plain JSON here, sometimes nothing. */
export const actionBody = z.object({ comment: z.string().max(2000).nullish(), 'confirm-name': confirmName }).nullish();

export function commentOf(body: z.infer<typeof actionBody>): string {
  return body?.comment ?? '';
}

// Checked by the service, whose answer tells how many digits came. A number would have lost its leading zeros.
export const tokenCode = z.string('Six digits as a string, such as "012345".').max(1000);

/** Whose device shows the code, where the run accepts several; by default one's own. */
const device = z.enum(deviceOwners, `One of ${deviceOwners.join(', ')}.`).nullish();

export const tokenCodeBody = z.strictObject({
  'token-code': tokenCode.optional(),
  'confirm-name': confirmName,
  device,
  data: z
    .looseObject({ attributes: z.strictObject({ 'token-code': tokenCode, 'confirm-name': confirmName, device }) })
    .optional(),
});

export function confirmNameOf(body: z.infer<typeof tokenCodeBody>): string | undefined {
  return body['confirm-name'] ?? body.data?.attributes['confirm-name'] ?? undefined;
}

export function tokenCodeOf(body: Pick<z.infer<typeof tokenCodeBody>, 'token-code' | 'data'>): Secret {
  const given = body['token-code'] ?? body.data?.attributes['token-code'];
  if (given === undefined) {
    throw new GatehouseError('invalid_request', 'Send the code as {"token-code": "123456"}.', {
      pointer: '/token-code',
    });
  }
  return new Secret(given);
}

const runIds = z.array(z.string().max(100)).min(1).max(100);

export const batchBody = z.strictObject({
  'token-code': tokenCode.optional(),
  'run-ids': runIds.optional(),
  device,
  data: z
    .looseObject({ attributes: z.strictObject({ 'token-code': tokenCode, 'run-ids': runIds, device }) })
    .optional(),
});

export function deviceOf(body: z.infer<typeof tokenCodeBody> | z.infer<typeof batchBody>): DeviceOwner | undefined {
  return body.device ?? body.data?.attributes.device ?? undefined;
}

export function runIdsOf(body: z.infer<typeof batchBody>): string[] {
  const given = body['run-ids'] ?? body.data?.attributes['run-ids'];
  if (given === undefined) {
    throw new GatehouseError('invalid_request', 'Name the runs as {"run-ids": ["run-…"]}.', { pointer: '/run-ids' });
  }
  return given;
}
