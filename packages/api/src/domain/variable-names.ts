import { awsVariables } from '@gatehouse/shared/mfa-level';

/** Environment variables that nobody may set, with the reason that is told. A name ending in `*` is a prefix. */
const refusedNames: Readonly<Record<string, string>> = {
  'LD_*': 'it loads code into every program of the run before that program starts',
  'DYLD_*': 'it loads code into every program of the run before that program starts',
  GCONV_PATH: 'it loads code into every program of the run',
  BASH_ENV: 'every shell of the run would execute the file that it names',
  ENV: 'every shell of the run would execute the file that it names',
  'BASH_FUNC_*': 'every shell of the run would take over the function that it holds',
  SHELLOPTS: 'it changes how every shell of the run works',
  BASHOPTS: 'it changes how every shell of the run works',
  IFS: 'it changes how every shell of the run works',
  PROMPT_COMMAND: 'shells of the run would execute it',
  NODE_OPTIONS: 'it loads code into every Node program of the run',
  PYTHONSTARTUP: 'it loads code into Python programs of the run',
  PERL5OPT: 'it loads code into every Perl program of the run',
  RUBYOPT: 'it loads code into every Ruby program of the run',
  PATH: 'the sandbox sets it',
  HOME: 'the sandbox sets it',
  PWD: 'the sandbox sets it',
  USER: 'the sandbox sets it',
  LOGNAME: 'the sandbox sets it',
  SHELL: 'the sandbox sets it',
  TMPDIR: 'the sandbox sets it',
  HTTP_PROXY: 'the only way out of the sandbox is its own proxy',
  HTTPS_PROXY: 'the only way out of the sandbox is its own proxy',
  ALL_PROXY: 'the only way out of the sandbox is its own proxy',
  NO_PROXY: 'the only way out of the sandbox is its own proxy',
  'TF_CLI_ARGS*': 'it changes what the worker asks terraform to do, such as which plan is applied',
  TF_CLI_CONFIG_FILE: 'the worker writes the CLI configuration',
  TERRAFORM_CONFIG: 'the worker writes the CLI configuration',
  TF_WORKSPACE: 'the run belongs to the workspace that it was queued in',
  TF_DATA_DIR: 'the worker lays out the data directory',
  TF_PLUGIN_CACHE_DIR: 'the worker keeps the cache of providers',
  TF_ENCRYPTION: 'OpenTofu would encrypt states and plans, which Gatehouse seals itself and has to read',
  TF_REATTACH_PROVIDERS: 'it makes terraform talk to a provider that it did not start',
  TF_LOG_PATH: 'the log goes through Gatehouse, which masks secrets',
  TF_INPUT: 'nobody is there to answer',
  TF_IN_AUTOMATION: 'the worker sets it',
  'AWS_CONTAINER_*': 'the run gets its AWS session through it',
  AWS_PROFILE: 'it would make the AWS SDK look past the session of the run',
  AWS_DEFAULT_PROFILE: 'it would make the AWS SDK look past the session of the run',
  AWS_CONFIG_FILE: 'it would make the AWS SDK look past the session of the run',
  AWS_SHARED_CREDENTIALS_FILE: 'it would make the AWS SDK look past the session of the run',
  AWS_WEB_IDENTITY_TOKEN_FILE: 'it would make the AWS SDK look past the session of the run',
  AWS_ROLE_ARN: "set the workspace's role ARN instead",
  'GATEHOUSE_*': 'Gatehouse itself is configured with such names',
};

const exactNames = new Map(Object.entries(refusedNames).filter(([name]) => !name.endsWith('*')));
const prefixes = Object.entries(refusedNames)
  .filter(([name]) => name.endsWith('*'))
  .map(([name, reason]): [string, string] => [name.slice(0, -1), reason]);

/** Why an environment variable may not have this name; undefined when it may. Proxy names count in either case. */
export function refusalOfName(name: string): string | undefined {
  const upper = name.toUpperCase();
  const candidate = upper.endsWith('_PROXY') ? upper : name;
  return exactNames.get(candidate) ?? prefixes.find(([prefix]) => candidate.startsWith(prefix))?.[1];
}

/** A name that POSIX shells can use; terraform takes hyphens in its own. */
export const variableNamePatterns = {
  env: /^[A-Za-z_][A-Za-z0-9_]*$/,
  terraform: /^[A-Za-z_][A-Za-z0-9_-]*$/,
} as const;

/** Write-only whatever the request says. */
export const alwaysSensitive: readonly string[] = [awsVariables.secretAccessKey, 'AWS_SESSION_TOKEN'];

type ValueRule = { pattern: RegExp; rule: string };

const valueRules: Readonly<Record<string, ValueRule>> = {
  // AWS allows \w, 16 to 128 (API reference, AccessKey). A pasted secret key has 40 characters with "/" and "+".
  [awsVariables.accessKeyId]: {
    pattern: /^\w{16,128}$/,
    rule: 'An access key id has 16 to 128 letters and digits, such as AKIAIOSFODNN7EXAMPLE.',
  },
  [awsVariables.secretAccessKey]: {
    pattern: /^[\x21-\x7e]{16,256}$/,
    rule: 'A secret access key has no spaces or line breaks; AWS makes them 40 characters long.',
  },
  // ARN of a virtual or FIDO device, or the serial number printed on a hardware token.
  [awsVariables.mfaSerial]: {
    pattern: /^(arn:aws[a-z-]*:iam::\d{12}:mfa\/[\w+=,.@/-]{1,200}|[A-Za-z0-9]{9,32})$/,
    rule: 'An MFA device is named by its ARN, arn:aws:iam::<12 digits>:mfa/<name>, or by the serial number printed on it.',
  },
};

/** What is wrong with the value of an AWS variable; undefined when nothing is, or the name has no rule. */
export function refusalOfValue(name: string, value: string): string | undefined {
  const rule = valueRules[name];
  return rule === undefined || rule.pattern.test(value) ? undefined : rule.rule;
}
