import type { SourceFile } from './source-file.ts';

type Door = {
  /** Module names; a name also stands for its subpaths. */
  modules: readonly string[];
  /** Files and folders (ending in `/`) that may import them. */
  open: readonly string[];
  /** Where `import type` is allowed besides. */
  typesOnly?: readonly string[];
};

/** Each outside library that could spread enters by one door, so that it can be read, feared and replaced in one place. */
export const doors: readonly Door[] = [
  { modules: ['drizzle-orm', 'better-sqlite3'], open: ['packages/api/src/store/'] },
  { modules: ['bullmq'], open: ['packages/api/src/queue/', 'packages/worker/src/lanes/'] },
  { modules: ['@bull-board/api', '@bull-board/fastify'], open: ['packages/api/src/queue/'] },
  {
    modules: ['execa', 'node:child_process'],
    open: [
      'packages/worker/src/sandbox/',
      // Asks the terraform of the worker's own host for its version.
      'packages/worker/src/terraform/ask-version.ts',
      'infra/dev/src/run-pnpm.ts',
      'infra/dev/src/service.ts',
    ],
  },
  { modules: ['@aws-sdk/client-sts'], open: ['packages/worker/src/sts/'] },
  { modules: ['ioredis'], open: ['packages/shared/src/redis.ts'], typesOnly: ['packages/shared/src/'] },
  { modules: ['jose'], open: ['packages/shared/src/seal.ts'] },
  {
    modules: ['tar'],
    open: [
      'packages/shared/src/configuration-archive.ts',
      'packages/api/src/backup/',
      'infra/dev/src/pack-configuration.ts',
    ],
  },
  { modules: ['openpgp'], open: ['packages/worker/src/terraform/releases/release-keys.ts'] },
  { modules: ['yauzl'], open: ['packages/worker/src/terraform/releases/unpack-program.ts'] },
  { modules: ['@smithy/signature-v4', '@aws-crypto/sha256-js'], open: ['infra/sts-emulator/src/signature.ts'] },
];

export function brokenDoors(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((used) => {
      const door = doors.find(({ modules }) => modules.some((name) => isModule(used.target, name)));
      if (door === undefined || within(file.path, door.open)) return [];
      if (used.isTypeOnly && within(file.path, door.typesOnly ?? [])) return [];
      return [`${file.path}:${used.line} imports ${used.target}; its door is ${door.open.join(', ')}.`];
    }),
  );
}

/** Who may take a secret out of its wrapping, and why. */
export const revealers: Readonly<Record<string, string>> = {
  'packages/shared/src/seal.ts': 'seals it',
  'packages/worker/src/sandbox/environment.ts': "lays out the run's own variables",
  'packages/worker/src/sts/': 'signs requests to STS',
  'packages/worker/src/api-client/http.ts': "sends the worker's and the job's token to the api",
  'packages/worker/src/logs/secret-variants.ts': 'looks for it in the log, to mask it',
  'packages/api/src/domain/bearer-token.ts': 'hashes it',
  'packages/api/src/domain/password-hash.ts': 'hashes it, and compares',
  'packages/api/src/routes/sign-in.ts': "hands the page's session to the browser, as a cookie",
  'packages/api/src/routes/oauth-authorizations.ts': "hands the code of terraform login to the person's browser",
  'packages/api/src/routes/oauth-token.ts': 'answers terraform with its new token, once',
  'packages/api/src/routes/service-tokens.ts': 'shows a new token of a team or an organization, once',
  'packages/api/src/routes/tokens.ts': 'shows a new token to its owner, once',
  'packages/api/src/services/aws-variables.ts': 'seals the keys for the gate lane',
  'packages/api/src/domain/token-code.ts': 'looks whether it has six digits',
  'packages/api/src/domain/notification-signature.ts': 'signs notifications with it',
  'packages/api/src/webhooks/post-webhook.ts': 'dials the address of a receiver, which may hold a right of access',
};

export function brokenSecrets(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, revealLines }) =>
    within(path, Object.keys(revealers))
      ? []
      : revealLines.map((line) => `${path}:${line} calls .reveal(); who may is listed in test/architecture/doors.ts.`),
  );
}

/** The environment is read in one place of each program; `main` hands it over. */
export function brokenEnvironment(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !path.endsWith('/src/config.ts') && !path.startsWith('infra/dev/'))
    .flatMap(({ path, environmentLines }) =>
      environmentLines.map(
        (line) => `${path}:${line} reads process.env; only config.ts does, and main.ts hands it over.`,
      ),
    );
}

function isModule(target: string, name: string): boolean {
  return target === name || target.startsWith(`${name}/`);
}

function within(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}
