import type { Caller } from '../authenticate.ts';
import { checkMembers, memberList, memberValues } from '../query-parameters.ts';
import { invalidParameterValue, validationError } from '../sts-error.ts';

// Session tags and the source identity: what a session says of who uses it, and what it hands on when its holder
// assumes another role. The refusals' words are AWS's where a recording of them is public (duplicate keys, transitive
// keys, an identity that is set); where AWS only documents the rule (the reserved prefix), the words are the emulator's.

export type SessionFacts = {
  tags: Record<string, string>;
  /** Keys of those tags that a chained session inherits. */
  transitiveTagKeys: string[];
  sourceIdentity?: string;
};

// From the STS API model; the pattern is that of AWS's `Tag` structure.
const maximumTags = 50;
const pattern = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]';

/** The tags that the call itself gives, checked by AWS's rules for session tags. */
export function readTags(parameters: URLSearchParams): { tags: Record<string, string>; transitiveTagKeys: string[] } {
  const members = memberList(parameters, 'Tags');
  const transitiveTagKeys = memberValues(parameters, 'TransitiveTagKeys');
  checkMembers('tags', members, maximumTags, {
    Key: { required: true, minLength: 1, maxLength: 128, pattern: `${pattern}+` },
    Value: { required: true, maxLength: 256, pattern: `${pattern}*` },
  });
  const tags = members.map(({ Key = '', Value = '' }) => [Key, Value] as const);
  const keys = new Set(tags.map(([key]) => key.toLowerCase()));
  if (keys.size < tags.length) {
    throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  // IAM User Guide, "Tags for IAM resources": neither a key nor a value may begin with `aws:`, in any case.
  if (tags.flat().some(isReserved)) {
    throw validationError("Tag keys and values that start with 'aws:' are reserved for AWS use.");
  }
  if (transitiveTagKeys.some((key) => !keys.has(key.toLowerCase()))) {
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  }
  return { tags: Object.fromEntries(tags), transitiveTagKeys };
}

/** What the new session will carry: the call's own tags and identity with those that the caller's session hands on. */
export function inheritFacts(caller: Caller, own: SessionFacts): SessionFacts {
  if (own.sourceIdentity !== undefined && isReserved(own.sourceIdentity)) {
    throw validationError("Source identities that start with 'aws:' are reserved for AWS use.");
  }
  if (caller.kind === 'keys' || caller.session.kind === 'user') return own;
  const { tags, transitiveTagKeys, sourceIdentity } = caller.session;
  const inherited = new Set(transitiveTagKeys.map((key) => key.toLowerCase()));
  if (Object.keys(own.tags).some((key) => inherited.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  if (sourceIdentity !== undefined && own.sourceIdentity !== undefined && own.sourceIdentity !== sourceIdentity) {
    throw validationError('The source identity is already set for this assume role session');
  }
  const handedOn = Object.entries(tags).filter(([key]) => inherited.has(key.toLowerCase()));
  const identity = sourceIdentity ?? own.sourceIdentity;
  return {
    tags: { ...Object.fromEntries(handedOn), ...own.tags },
    transitiveTagKeys: [...transitiveTagKeys, ...own.transitiveTagKeys],
    ...(identity === undefined ? {} : { sourceIdentity: identity }),
  };
}

const isReserved = (text: string): boolean => text.toLowerCase().startsWith('aws:');
