import * as z from 'zod/mini';
import { readAllPages } from './all-pages.ts';
import { type Api, anything } from './api.ts';
import { attributesDocument, instant, one, resource } from './json-api.ts';

const attributes = {
  organization: z.string(),
  'access-key-id': z.string(),
  serial: z.string(),
  label: z.string(),
  arn: z.string(),
  'created-at': instant,
  'checked-at': instant,
};
const identity = resource('aws-identities', attributes);
const identityOfMember = resource('aws-identities', { ...attributes, username: z.string() });

/** A person's own AWS keys and MFA device for one organization, without what is secret of them. */
export type AwsIdentity = {
  id: string;
  organization: string;
  accessKeyId: string;
  /** The device as people know it: `…4821:mfa/alice`. */
  label: string;
  /** Who the keys are, as AWS said when they were entered. */
  arn: string;
  checkedAt: number;
};

export type MemberIdentity = AwsIdentity & { username: string };

export async function listMyIdentities(api: Api, signal?: AbortSignal): Promise<AwsIdentity[]> {
  const { items } = await readAllPages(api, '/account/aws-identities', identity, signal);
  return items.map(identityOf);
}

/** Registers one, or replaces that of the same organization. The secret goes one way: no answer holds it. */
export async function registerIdentity(
  api: Api,
  given: { organization: string; accessKeyId: string; secretAccessKey: string; mfaSerial: string },
): Promise<AwsIdentity> {
  const document = attributesDocument('aws-identities', {
    organization: given.organization,
    'access-key-id': given.accessKeyId,
    'secret-access-key': given.secretAccessKey,
    'mfa-serial-number': given.mfaSerial,
  });
  return identityOf((await api.send('POST', '/account/aws-identities', document, one(identity))).data);
}

export async function removeIdentity(api: Api, id: string): Promise<void> {
  await api.send('DELETE', `/account/aws-identities/${id}`, undefined, anything);
}

/** Of all members of an organization; for its owners. */
export async function listMemberIdentities(
  api: Api,
  organization: string,
  signal?: AbortSignal,
): Promise<MemberIdentity[]> {
  const path = `/organizations/${encodeURIComponent(organization)}/aws-identities`;
  const { items } = await readAllPages(api, path, identityOfMember, signal);
  return items.map((item) => ({ ...identityOf(item), username: item.attributes.username }));
}

function identityOf({ id, attributes: given }: z.output<typeof identity>): AwsIdentity {
  return {
    id,
    organization: given.organization,
    accessKeyId: given['access-key-id'],
    label: given.label,
    arn: given.arn,
    checkedAt: given['checked-at'],
  };
}
