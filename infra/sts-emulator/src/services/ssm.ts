import { z } from 'zod';
import type { CallContext, Service } from '../routes/answer-call.ts';
import type { Parameter } from '../state/parameters.ts';
import { invalidAction, StsError } from '../sts-error.ts';
import { jsonName } from './json-errors.ts';
import { requirePermission } from './require-permission.ts';

// Of SSM, the parameters: a data source that only reads (aws_ssm_parameter) and a resource that is written. AWS JSON 1.1:
// one URL, the action in the header X-Amz-Target.

const targetPrefix = 'AmazonSSM.';
export const ssmAction = (target: string): string =>
  target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : target;

const name = z.string().min(1).max(2048);
const putSchema = z.object({
  Name: name,
  Value: z.string().min(1).max(4096),
  Type: z.enum(['String', 'StringList', 'SecureString']).default('String'),
  Description: z.string().optional(),
  Overwrite: z.boolean().default(false),
});
const named = z.object({ Name: name });
const tagged = z.object({ ResourceType: z.literal('Parameter'), ResourceId: name });
const described = z.object({ ParameterFilters: z.array(z.object({ Key: z.string(), Values: z.array(z.string()) })) });

const actions = new Map<string, (context: CallContext, body: unknown) => unknown>([
  ['GetParameter', getParameter],
  ['PutParameter', putParameter],
  ['DescribeParameters', describeParameters],
  ['DeleteParameter', deleteParameter],
  ['ListTagsForResource', listTags],
]);

export const ssm: Service = {
  name: 'ssm',
  checkAction: (_wire, action) => {
    if (!actions.has(action)) throw invalidAction(action, 'ssm');
  },
  carryOut: (context, action) => {
    const result = actions.get(action)?.(context, parseBody(context.wire.body));
    return { statusCode: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify(result) };
  },
  // AWS JSON answers every fault of the caller with 400.
  writeError: ({ code, message, statusCode }) => ({
    statusCode: statusCode < 500 ? 400 : statusCode,
    type: 'application/x-amz-json-1.1',
    body: JSON.stringify({ __type: jsonName(code), message }),
  }),
};

function getParameter(context: CallContext, body: unknown) {
  const parameter = find(context, read(named, body).Name, 'ssm:GetParameter');
  return { Parameter: { ...common(context, parameter), Value: parameter.value } };
}

function putParameter(context: CallContext, body: unknown) {
  const { Name, Value, Type, Description, Overwrite } = read(putSchema, body);
  requirePermission(context, 'ssm:PutParameter', arnOf(context, Name));
  const { parameters } = context.state;
  const before = parameters.get(Name);
  if (before !== undefined && !Overwrite) {
    throw new StsError(
      'ParameterAlreadyExists',
      400,
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      'resource_exists',
    );
  }
  const version = (before?.version ?? 0) + 1;
  parameters.set(Name, {
    name: Name,
    value: Value,
    type: Type,
    description: Description ?? '',
    version,
    changedAt: context.now,
  });
  return { Version: version, Tier: 'Standard' };
}

function describeParameters(context: CallContext, body: unknown) {
  requirePermission(context, 'ssm:DescribeParameters', arnOf(context, '*'));
  const wanted = read(described, body)
    .ParameterFilters.filter(({ Key }) => Key === 'Name')
    .flatMap(({ Values }) => Values);
  const found = [...context.state.parameters.values()].filter((parameter) => wanted.includes(parameter.name));
  return {
    Parameters: found.map((parameter) => ({
      ...common(context, parameter),
      Description: parameter.description,
      Tier: 'Standard',
    })),
  };
}

function deleteParameter(context: CallContext, body: unknown) {
  const parameter = find(context, read(named, body).Name, 'ssm:DeleteParameter');
  context.state.parameters.delete(parameter.name);
  return {};
}

/** The provider asks for a resource's tags after every read; there are none. */
function listTags(context: CallContext, body: unknown) {
  find(context, read(tagged, body).ResourceId, 'ssm:ListTagsForResource');
  return { TagList: [] };
}

function find(context: CallContext, wanted: string, action: string): Parameter {
  requirePermission(context, action, arnOf(context, wanted));
  const parameter = context.state.parameters.get(wanted);
  if (parameter === undefined) throw new StsError('ParameterNotFound', 400, '', 'resource_unknown');
  return parameter;
}

function common(context: CallContext, { name, type, version, changedAt }: Parameter) {
  return {
    Name: name,
    Type: type,
    Version: version,
    ARN: arnOf(context, name),
    DataType: 'text',
    LastModifiedDate: changedAt.getTime() / 1000,
  };
}

function arnOf({ region, state }: CallContext, parameter: string): string {
  const slash = parameter.startsWith('/') ? '' : '/';
  return `arn:aws:ssm:${region}:${state.account.accountId}:parameter${slash}${parameter}`;
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new StsError('ValidationError', 400, z.prettifyError(parsed.error), 'invalid_parameter');
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new StsError('SerializationException', 400, 'The body is not JSON.', 'invalid_parameter');
  }
}
