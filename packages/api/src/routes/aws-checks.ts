import { awsFindingCodes, checkOutcomes, checkProbes, titleOf } from '@gatehouse/shared/aws-findings';
import { Secret } from '@gatehouse/shared/secret';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { checkedIdentities, policyFor } from '../domain/aws-check.ts';
import { checkAwsSetup, requireVisibleCheck } from '../services/check-aws-setup.ts';
import type { CheckDependencies } from '../services/start-check.ts';
import type { AwsCheck } from '../store/aws-checks.ts';
import { awsCheckStates } from '../store/schema/aws.ts';
import { idParameter, organizationParameter } from './fields.ts';
import { documentAt, documentSchema, requestDocument, resourceSchema, timestamp, timestampOf } from './json-api.ts';
import { authenticateLimit } from './rate-limits.ts';
import { tokenCode } from './run-bodies.ts';

const tags = ['MFA'];

const checkSchema = resourceSchema('aws-checks', {
  /** `waiting`: no worker has taken it yet; `claimed`: one is asking AWS. */
  state: z.enum(awsCheckStates),
  identity: z.enum(checkedIdentities),
  'workspace-id': z.string().nullable(),
  'created-at': timestamp,
  'finished-at': timestamp.nullable(),
  /** Empty until it is finished. */
  results: z.array(
    z.object({
      probe: z.enum(checkProbes),
      outcome: z.enum(checkOutcomes),
      /** Null: nothing is wrong, or it could not be looked at. */
      finding: awsFindingCodes.nullable(),
      title: z.string(),
      /** What was seen, and what to do. */
      detail: z.string(),
      /** The trust policy to paste, where that mends it. */
      policy: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});

const newCheck = z.strictObject({
  identity: z.enum(checkedIdentities, `One of ${checkedIdentities.join(', ')}.`),
  'workspace-id': z.string().max(100).nullish(),
  'token-code': tokenCode.nullish(),
});

/** Whether AWS keys, MFA device, clock and role are set up, with what to do where they are not. */
export const awsCheckRoutes: FastifyPluginAsyncZod<CheckDependencies> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.post(
    '/organizations/:organization/aws-checks',
    {
      config: { rateLimit: authenticateLimit },
      schema: {
        tags,
        summary: 'Check the set-up of AWS keys, MFA device and role',
        description:
          'Asks AWS without changing anything there. Answers when it is finished; when that takes longer than ten seconds, ' +
          '`waiting` or `claimed`: read it again. With a `token-code`, which is spent, it sees more. Owners check the ' +
          "organization's keys, anybody her own.",
        params: organizationParameter,
        body: requestDocument(newCheck),
        response: { 200: documentSchema(checkSchema) },
      },
    },
    async ({ actor, params, body }) => {
      const { identity, 'workspace-id': workspaceId, 'token-code': code } = body.data.attributes;
      const check = await checkAwsSetup(dependencies, {
        by: actor,
        organization: params.organization,
        identity,
        workspaceId: workspaceId ?? undefined,
        tokenCode: typeof code === 'string' ? new Secret(code) : undefined,
      });
      return documentAt(clock.now(), checkResource(check));
    },
  );

  app.get(
    '/aws-checks/:id',
    {
      schema: {
        tags,
        summary: 'A check of the set-up, and what it found',
        description: 'For those who may ask for one like it. Kept for a day.',
        params: idParameter,
        response: { 200: documentSchema(checkSchema) },
      },
    },
    async ({ actor, params }) =>
      documentAt(clock.now(), checkResource(requireVisibleCheck(database, actor, params.id))),
  );
};

function checkResource(check: AwsCheck): z.input<typeof checkSchema> {
  const { id, state, subject, findings, createdAt, finishedAt } = check;
  return {
    id,
    type: 'aws-checks',
    attributes: {
      state,
      identity: subject.identity,
      'workspace-id': subject.workspaceId,
      'created-at': timestampOf(createdAt),
      'finished-at': timestampOf(finishedAt),
      results: (findings?.results ?? []).map((result) => ({
        ...result,
        title: titleOf(result),
        policy: policyFor(check, result),
      })),
    },
  };
}
