/** Of SQLite and of the file system: the disk is full, locked by somebody else or gone, which may change any time. */
const passing = /^(SQLITE_(FULL|BUSY|LOCKED|IOERR|CANTOPEN|READONLY)(_\w+)?|ENOSPC|EDQUOT|EROFS|EIO)$/;

/** Whether what failed is where Gatehouse keeps its data, and not the request: asked again later it may succeed. */
export function isStorageTrouble(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && passing.test(at.code)) return true;
  }
  return false;
}
