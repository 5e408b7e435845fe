import type { Service } from '../routes/answer-call.ts';
import { StsError } from '../sts-error.ts';
import { jsonName } from './json-errors.ts';
import { requirePermission } from './require-permission.ts';

// Of Lambda, Invoke: a call that changes things in AWS and that a data source of terraform can make
// (aws_lambda_invocation), so a plan can be seen to be refused it. Every function answers what the seed says.

export const lambda: Service = {
  name: 'lambda',
  checkAction: () => undefined,
  carryOut: (context) => {
    const { state, wire, region } = context;
    const name = nameIn(wire.path);
    const qualifier = wire.query.get('Qualifier');
    const arn = `arn:aws:lambda:${region}:${state.account.accountId}:function:${name}${qualifier === null ? '' : `:${qualifier}`}`;
    // Lambda asks for permission before it looks whether there is such a function.
    requirePermission(context, 'lambda:InvokeFunction', arn);
    const found = state.functions.get(name);
    if (found === undefined) {
      throw new StsError('ResourceNotFoundException', 404, `Function not found: ${arn}`, 'resource_unknown');
    }
    found.invocations += 1;
    return {
      statusCode: 200,
      type: 'application/json',
      body: JSON.stringify(found.answer),
      headers: { 'x-amz-executed-version': '$LATEST' },
    };
  },
  writeError: ({ code, message, statusCode }) => ({
    statusCode,
    type: 'application/json',
    body: JSON.stringify({ Message: message }),
    headers: { 'x-amzn-errortype': jsonName(code) },
  }),
};

/** The function's name, which may be given as an ARN. */
function nameIn(path: string): string {
  const given = decodeURIComponent(path.split('/')[3] ?? '');
  return given.startsWith('arn:') ? (given.split(':')[6] ?? '') : given;
}
