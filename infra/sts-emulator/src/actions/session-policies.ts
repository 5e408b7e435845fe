import { z } from 'zod';
import { type IdentityPolicy, identityPolicySchema } from '../policies/identity-policy.ts';
import type { Account } from '../state/accounts.ts';
import { malformedPolicy, packedPolicyTooLarge, validationError } from '../sts-error.ts';

// The policies that a call hands to the session it asks for. AssumeRole's limits: ten ARNs, 2,048 characters of plain
// text for the inline policy and the ARNs together, and a packed size that AWS computes and does not publish.

const maximumArns = 10;
const maximumPlainText = 2048;

// Public measurements: 1,690 characters of policy with three short tags took 157 %; nine tags of 252 characters took
// 498 %, and tags of about 310 characters 74 %. So a real call can be refused well before its plain text is too long.
const policyCharactersPerPercent = 12;
const tagCharactersPerPercent = 4.5;

type Wanted = { policy?: string | undefined; policyArns: string[]; tags: Record<string, string> };

/** Parses and looks up the session policies; throws AWS's error for one that is not good. */
export function readSessionPolicies(account: Account, { policy, policyArns }: Wanted): IdentityPolicy[] {
  if (policyArns.length > maximumArns) {
    const rule = `Member must have length less than or equal to ${maximumArns}`;
    const shown = `[${policyArns.join(', ')}]`;
    throw validationError(
      `1 validation error detected: Value '${shown}' at 'policyArns' failed to satisfy constraint: ${rule}`,
    );
  }
  const managed = policyArns.map((arn) => managedPolicy(account, arn));
  return policy === undefined ? managed : [...managed, parsePolicy(policy)];
}

/** How full the session's policies and tags make AWS's packed form, in percent; throws when it is more than full. */
export function packedPolicySize({ policy = '', policyArns, tags }: Wanted): number | undefined {
  const plainText = policy.length + policyArns.join('').length;
  const tagText = Object.entries(tags).flat().join('').length;
  if (plainText + tagText === 0) return undefined;
  const percent = Math.ceil(plainText / policyCharactersPerPercent + tagText / tagCharactersPerPercent);
  if (plainText > maximumPlainText)
    throw packedPolicyTooLarge(`Packed policy consumes ${percent}% of allotted space, please use smaller policy.`);
  if (percent <= 100) return percent;
  throw packedPolicyTooLarge(
    plainText === 0
      ? `Packed size of session tags consumes ${percent}% of allotted space.`
      : `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}

// The words for a malformed ARN are those that AWS has for a role's; for one that does not exist they are IAM's.
function managedPolicy(account: Account, arn: string): IdentityPolicy {
  if (arn.length < 20 || !/^arn:[\w-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/.test(arn)) {
    throw validationError(`${arn} is invalid`);
  }
  const policy = account.managedPolicies.get(arn);
  if (policy === undefined) throw validationError(`Policy ${arn} does not exist or is not attachable.`);
  return policy;
}

function parsePolicy(text: string): IdentityPolicy {
  const parsed = identityPolicySchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  // AWS says no more than the first sentence; what is in brackets is for who writes a test.
  throw malformedPolicy(`Syntax errors in policy. (${z.prettifyError(parsed.error).replace(/\s+/g, ' ')})`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformedPolicy('The policy is not in the valid JSON format.');
  }
}
