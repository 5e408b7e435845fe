import { expect, test } from 'vitest';
import { isStorageTrouble } from '../../src/plugins/storage-trouble.ts';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error('failed', { cause }), { code });

test('what the disk or the database refuses is told from what is wrong with a request', () => {
  for (const code of ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_IOERR_WRITE', 'ENOSPC', 'EROFS']) {
    expect(isStorageTrouble(withCode(code))).toBe(true);
    expect(isStorageTrouble(new Error('Failed query', { cause: withCode(code) }))).toBe(true);
  }
  for (const other of [withCode('SQLITE_CONSTRAINT_UNIQUE'), withCode('ENOENT'), new Error('SQLITE_FULL'), undefined]) {
    expect(isStorageTrouble(other)).toBe(false);
  }
});
