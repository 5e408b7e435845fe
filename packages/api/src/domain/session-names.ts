/** What AWS takes in RoleSessionName and SourceIdentity (STS API): 2 to 64 characters of `[\w+=,.@-]`. */
const longestName = 64;
const shortestName = 2;
/** Session tags: letters, digits, spaces and `_.:/=+-@` of any language; a value has at most 256 characters. */
const longestTagValue = 256;

/** The run's id is kept whole, to search for. */
export function sessionName(username: string, runId: string): string {
  return `${nameOf(username).slice(0, longestName - runId.length - 1)}-${runId}`;
}

/** The name that every later call of the session bears in CloudTrail, whatever role it changes to. */
export function sourceIdentity(username: string): string {
  return nameOf(username).slice(0, longestName).padEnd(shortestName, '_');
}

/** Policies can ask for these (`aws:PrincipalTag/gatehouse:workspace`), and CloudTrail shows them. */
export function sessionTags(of: { user: string; run: string; workspace: string }): { key: string; value: string }[] {
  return Object.entries(of).map(([name, value]) => ({ key: `gatehouse:${name}`, value: tagValue(value) }));
}

function nameOf(username: string): string {
  return username.replace(/[^A-Za-z0-9_+=,.@-]/g, '_');
}

function tagValue(text: string): string {
  // AWS keeps what begins like this to itself.
  const own = text.replace(/^aws:/i, 'aws_');
  return own.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(0, longestTagValue);
}
