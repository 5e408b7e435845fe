/** The environment of the run itself, which its variables are for. */
const ofTheRun = /^while a plan runs: environ of (terraform|socat|sh|bwrap|bash)$/;

/**
 * Which canaries may lie in clear where, and why; all others may be nowhere. Not searched are the places that are a
 * secret's own: the folder of the stack's secrets, the answer that makes a token or opens a session, the state that its
 * reader downloads, and the home of a person's terraform.
 */
export const allowed: Readonly<
  Record<string, { where: (leaving: { place: string; name: string }) => boolean; why: string }>
> = {
  'env variable': { where: ({ name }) => ofTheRun.test(name), why: 'the environment of its own run' },
  'variable of a set': { where: ({ name }) => ofTheRun.test(name), why: 'the environment of its own run' },
};

/** Every kind, by how its name begins: what is heard more than once has numbers behind it. */
export const kinds = [
  'password',
  'changed password',
  'mistyped password',
  'password in a broken request',
  'password in broken JSON',
  'password in an address',
  'password mistyped on the page',
  'password without Redis',
  "owner's password",
  "stranger's password",
  'sign-in session',
  'API token',
  "organization's token",
  "team's token",
  "owner's token",
  'token that is none',
  'code of terraform login',
  'verifier of terraform login',
  'token of terraform login',
  'terraform variable',
  'variable in the state',
  'part of an HCL variable',
  'env variable',
  'variable of a set',
  'deleted variable',
  'variable with a wrong key',
  'variable of a wrong type',
  'HCL that is none',
  'variable that is too long',
  'variable of a run that fails',
  'value in the state',
  'AWS secret key',
  "wrong AWS keys of a person's own",
  'secret of the MFA device',
  'code that is none',
  'secret key of a session',
  'token of a session',
  'address of a notification',
  'key of a notification',
  'address that is refused',
  'token of a phase',
  "worker's token",
  'sealing key',
];
