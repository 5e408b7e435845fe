import { awsVariables } from '@gatehouse/shared/mfa-level';
import { Secret } from '@gatehouse/shared/secret';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { deviceLabel, maskedSerial } from '../domain/challenge.ts';
import { refusalOfValue } from '../domain/variable-names.ts';
import { requireOwner, requirePerson } from '../services/authorize.ts';
import { checkIdentity } from '../services/check-identity.ts';
import { registerAwsIdentity } from '../services/register-aws-identity.ts';
import type { CheckDependencies } from '../services/start-check.ts';
import {
  type AwsIdentity,
  findAwsIdentity,
  identitiesOfOrganization,
  identitiesOfUser,
  noSuchIdentity,
  removeAwsIdentity,
} from '../store/aws-identities.ts';
import { idParameter, organizationName, organizationParameter } from './fields.ts';
import {
  documentSchema,
  listDocument,
  listSchema,
  pageOf,
  pageQuery,
  requestDocument,
  resourceSchema,
  timestamp,
  timestampOf,
} from './json-api.ts';
import { registerIdentityLimit } from './rate-limits.ts';

const tags = ['AWS identities'];

/** Who the keys are and which device is theirs; never the secret. */
const attributes = {
  organization: z.string(),
  'access-key-id': z.string(),
  /** The account's number is masked. */
  serial: z.string(),
  label: z.string(),
  /** As AWS names the keys. */
  arn: z.string(),
  'created-at': timestamp,
  /** When AWS said that keys and device belong together. */
  'checked-at': timestamp,
};
const identitySchema = resourceSchema('aws-identities', attributes);
const memberIdentitySchema = resourceSchema('aws-identities', { ...attributes, username: z.string() });

/** By the rules of the variables of the same meaning. */
const awsValue = (name: string) =>
  z
    .string()
    .trim()
    .max(1000)
    .superRefine((value, context) => {
      const refusal = refusalOfValue(name, value);
      if (refusal !== undefined) context.addIssue({ code: 'custom', message: refusal });
    });

const newIdentity = z.strictObject({
  organization: organizationName,
  'access-key-id': awsValue(awsVariables.accessKeyId),
  'secret-access-key': awsValue(awsVariables.secretAccessKey).transform((text) => new Secret(text)),
  'mfa-serial-number': awsValue(awsVariables.mfaSerial),
});

/** AWS keys and MFA devices of people, with which they answer for the runs of an organization. */
export const awsIdentityRoutes: FastifyPluginAsyncZod<CheckDependencies> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.get(
    '/account/aws-identities',
    {
      schema: {
        tags,
        summary: 'My own AWS keys and MFA devices',
        querystring: pageQuery,
        response: { 200: listSchema(identitySchema) },
      },
    },
    async ({ actor, query }) => {
      requirePerson(actor);
      const mine = identitiesOfUser(database, actor.userId);
      const { limit, offset } = pageOf(query);
      return listDocument(mine.slice(offset, offset + limit).map(identityResource), mine.length, query);
    },
  );

  app.post(
    '/account/aws-identities',
    {
      config: { rateLimit: registerIdentityLimit },
      schema: {
        tags,
        summary: 'Register, or replace, my own AWS keys and MFA device for an organization',
        description:
          'AWS is asked, through a worker and without changing anything, whether the keys are valid and the device is ' +
          'theirs; what it refuses is not kept. The secret is never shown again.',
        body: requestDocument(newIdentity),
        response: { 201: documentSchema(identitySchema) },
      },
    },
    async ({ actor, body }, reply) => {
      const { organization, ...given } = body.data.attributes;
      const identity = await registerAwsIdentity(
        { ...dependencies, check: (candidate) => checkIdentity(dependencies, candidate) },
        actor,
        {
          organization,
          accessKeyId: given['access-key-id'],
          secretAccessKey: given['secret-access-key'],
          mfaSerial: given['mfa-serial-number'],
        },
      );
      return reply.status(201).send({ data: identityResource(identity) });
    },
  );

  app.delete(
    '/account/aws-identities/:id',
    {
      schema: {
        tags,
        summary: 'Remove my own AWS keys and MFA device',
        description: 'A code of that device that is on its way to AWS is lost. Sessions that AWS gave go on.',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      requirePerson(actor);
      const identity = findAwsIdentity(database, params.id);
      if (identity?.userId !== actor.userId) throw noSuchIdentity(params.id);
      removeAwsIdentity(database, actor, identity, clock.now());
      return reply.status(204).send(null);
    },
  );

  app.get(
    '/organizations/:organization/aws-identities',
    {
      schema: {
        tags,
        summary: "The AWS identities and MFA devices of an organization's members",
        description: 'Owners only.',
        params: organizationParameter,
        querystring: pageQuery,
        response: { 200: listSchema(memberIdentitySchema) },
      },
    },
    async ({ actor, params, query }) => {
      await requireOwner(database, actor, params.organization, "see members' AWS identities");
      const all = identitiesOfOrganization(database, params.organization);
      const { limit, offset } = pageOf(query);
      const page = all.slice(offset, offset + limit).map((identity) => {
        const { attributes: shown, ...resource } = identityResource(identity);
        return { ...resource, attributes: { ...shown, username: identity.username } };
      });
      return listDocument(page, all.length, query);
    },
  );
};

function identityResource(identity: AwsIdentity): z.input<typeof identitySchema> {
  return {
    id: identity.id,
    type: 'aws-identities',
    attributes: {
      organization: identity.organization,
      'access-key-id': identity.accessKeyId,
      serial: maskedSerial(identity.mfaSerial),
      label: deviceLabel(identity.mfaSerial),
      arn: identity.arn,
      'created-at': timestampOf(identity.createdAt),
      'checked-at': timestampOf(identity.checkedAt),
    },
  };
}
