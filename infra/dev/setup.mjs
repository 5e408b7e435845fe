// Makes a fresh clone ready to run; does nothing, quickly, when it is. Plain JavaScript for Node 20 or newer without any
// dependency, because it runs before there are any.
//
//   node infra/dev/setup.mjs [--packages-only | [--terraform] [--page] [--browser] [--suites]]
//
//   --packages-only   npm packages, no programs of the system
//   --terraform       also wants terraform itself, which is no Debian package
//   --page            also builds the web page, when its sources are newer than what is built
//   --browser         also wants what the tests drive besides: Chromium, and programs that make a certificate and a terminal
//   --suites          also wants what the suites of faults and attacks break things with: networks of their own
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lockfile = join(root, 'pnpm-lock.yaml');
const stamp = join(root, 'node_modules/.gatehouse-lock.yaml');
const oldestNode = 20;
const pnpm = 'pnpm@12';
// Program → Debian package that has it.
const debianPackages = {
  'redis-server': 'redis-server',
  bwrap: 'bubblewrap',
  socat: 'socat',
  setpriv: 'util-linux',
  ...(isWanted('--browser') ? { openssl: 'openssl', script: 'bsdutils' } : {}),
  ...(isWanted('--suites') ? { ip: 'iproute2' } : {}),
  ...(isWanted('--browser') && !process.env['GATEHOUSE_CHROMIUM'] ? { chromium: 'chromium' } : {}),
};
// Where Debian puts programs, whatever PATH the caller has.
const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

try {
  checkNode();
  installNpmPackages();
  if (!isWanted('--packages-only')) installDebianPackages();
  if (isWanted('--terraform')) checkTerraform();
  if (isWanted('--page')) buildPage();
} catch (error) {
  process.stderr.write(`\nGatehouse cannot be set up. ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

function isWanted(option) {
  return process.argv.includes(option);
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) throw new Error(`It wants Node ${oldestNode} or newer; this is ${process.version}.`);
}

function installNpmPackages() {
  if (isInstalled()) return;
  say('Installing npm packages (a minute, the first time) …');
  run('npx', ['-y', pnpm, 'install', '--frozen-lockfile'], {
    cwd: root,
    // A CI environment makes pnpm replace a stale node_modules without asking; nobody is there to be asked here either.
    env: { ...process.env, CI: 'true' },
  });
  writeFileSync(stamp, readFileSync(lockfile));
}

/** pnpm keeps what it installed from, but for packages that are not here; so the stamp keeps the lockfile itself. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.bin/node'))) return false;
  const wanted = readFileSync(lockfile);
  // The second one: somebody ran pnpm by hand.
  return [stamp, join(root, 'node_modules/.pnpm/lock.yaml')].some(
    (file) => existsSync(file) && readFileSync(file).equals(wanted),
  );
}

function installDebianPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0) {
    throw new Error(
      `These programs are missing: ${missing.join(', ')}. Install them with\n\n` +
        `  sudo apt-get update && sudo apt-get ${install.join(' ')}\n\nand try again.`,
    );
  }
  if (!isProgram('apt-get')) {
    throw new Error(
      `These programs are missing: ${missing.join(', ')}. Install them with this system's package manager.`,
    );
  }
  say(`Installing ${missing.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  withoutStartingServices(() => {
    run('apt-get', ['-qq', 'update'], { env });
    run('apt-get', ['-qq', ...install], { env });
  });
  const stillMissing = missingPackages();
  if (stillMissing.length > 0) throw new Error(`apt-get ended well, but ${stillMissing.join(', ')} cannot be found.`);
}

function missingPackages() {
  return [
    ...new Set(
      Object.entries(debianPackages)
        .filter(([program]) => !isProgram(program))
        .map(([, name]) => name),
    ),
  ];
}

/**
 * Debian starts a service when it installs it. Gatehouse has a Redis of its own, and the system's would be an open port
 * that nobody asked for; this file is Debian's own switch for that (policy-rc.d, exit 101 = forbidden).
 */
function withoutStartingServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n');
  chmodSync(policy, 0o755);
  try {
    install();
  } finally {
    rmSync(policy, { force: true });
  }
}

function checkTerraform() {
  const places = ['GATEHOUSE_TERRAFORM_DIR', 'GATEHOUSE_TERRAFORM_RELEASES_URL', 'GATEHOUSE_TOFU_RELEASES_URL'];
  if (places.some((name) => process.env[name]) || isProgram('terraform')) return;
  throw new Error(
    'terraform is missing. Put the program on PATH (https://developer.hashicorp.com/terraform/install, 1.5 or newer),\n' +
      'or name a folder of versions, <version>/terraform, in GATEHOUSE_TERRAFORM_DIR.',
  );
}

/** What the page is built from; its tests and its gallery are not part of it. */
function buildPage() {
  const web = join(root, 'packages/web');
  const sources = ['index.html', 'package.json', 'vite.config.ts', 'public', 'src', '../shared/src'];
  const built = join(web, 'dist/index.html');
  if (existsSync(built) && sources.every((source) => newest(join(web, source)) <= statSync(built).mtimeMs)) return;
  say('Building the page …');
  run(join(root, 'node_modules/.bin/node'), [join(web, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: web });
}

function newest(file) {
  const status = statSync(file);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(file).map((name) => newest(join(file, name))));
}

function isProgram(name) {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders].some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Quiet unless it fails; then all that the program said is shown. */
function run(program, args, options) {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  const why = error?.message ?? (signal ? `it was ended by ${signal}` : `exit code ${status}`);
  throw new Error(`"${program} ${args.join(' ')}" failed: ${why}`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
