import path from 'node:path';
import { createSealer } from '@gatehouse/shared/seal';
import { restoreBackup } from './backup/restore-backup.ts';
import { writeBackup } from './backup/write-backup.ts';
import { readDataDir, readRestoreConfig } from './config.ts';

// `npm run backup -- FILE` and `npm run restore -- FILE`.

const [command, given, ...more] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  if ((command !== 'backup' && command !== 'restore') || given === undefined || more.length > 0) {
    throw new Error('Say which file: npm run backup -- FILE, or npm run restore -- FILE');
  }
  const archive = path.resolve(given);
  if (command === 'backup') {
    const { files } = await writeBackup(readDataDir(), archive, new Date());
    say(`${archive}: the database and ${files.length - 1} blobs.`);
    say('Not in it: the sealing key, without which it opens nothing, and the worker token. Keep both somewhere else.');
    return;
  }
  const { dataDir, sealingKey } = readRestoreConfig();
  const { manifest, isKeyTried } = await restoreBackup(archive, dataDir, createSealer(sealingKey));
  say(`${dataDir}: as it was at ${manifest.createdAt}, the database and ${manifest.files.length - 1} blobs.`);
  say(isKeyTried ? 'The sealing key opens it.' : 'Nothing sealed was in it, so the sealing key could not be tried.');
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
