// `npm run sbom [-- FILE]`: the software bill of materials of what runs in production (CycloneDX 1.6, JSON), made by pnpm
// from the lockfile. Default: gatehouse.cdx.json in this folder.
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { readSbom } from './read-sbom.ts';
import { runPnpm } from './run-pnpm.ts';

const file = path.resolve(process.argv[2] ?? 'gatehouse.cdx.json');
const partial = `${file}.partial`;

// What runs: neither the tests nor what starts a stack to try it.
const of = ['api', 'worker', 'web'].flatMap((name) => ['--filter', `@gatehouse/${name}`]);
const format = ['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--sbom-type', 'application', '--prod'];
const { hasSucceeded, output } = await runPnpm([...of, 'sbom', ...format, '--out', partial]);
if (!hasSucceeded) throw new Error(`pnpm made no bill: ${output}`);
// A bill that lacks what everybody knows to be inside would be worse than none.
const { components } = await readSbom(partial, ['fastify', 'bullmq', 'better-sqlite3', '@aws-sdk/client-sts', 'react']);
await rename(partial, file);
process.stdout.write(`${file}: ${components.length} components.\n`);
