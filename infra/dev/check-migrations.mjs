// Says (exit 1) whether the database's schema is ahead of its migrations: drizzle-kit is asked to write what is missing
// into a copy of the folder, and a new file there is a migration that nobody made.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const api = fileURLToPath(new URL('../../packages/api/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-migrations-'));
try {
  const copy = join(scratch, 'drizzle');
  cpSync(join(api, 'drizzle'), copy, { recursive: true });
  // drizzle-kit puts `./` before the folder, whatever it is, so it has to be a relative one.
  const settings = ['--dialect=sqlite', '--schema=./src/store/schema/*.ts', `--out=${relative(api, copy)}`];
  const program = join(api, 'node_modules/drizzle-kit/bin.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'generate', ...settings], {
    cwd: api,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const known = readdirSync(join(api, 'drizzle'));
  const missing = readdirSync(copy).filter((name) => !known.includes(name));
  // It also ends with 0 when it has failed.
  if (status !== 0 || missing.length > 0 || !/nothing to migrate/i.test(stdout)) {
    process.stderr.write(`${stdout}${stderr}\nThe schema has no migration for its last change. Make one:\n`);
    process.stderr.write('  cd packages/api && npx drizzle-kit generate --name what_it_does\n');
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
