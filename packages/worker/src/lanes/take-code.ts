import { tokenCodeKey } from '@gatehouse/shared/jobs';
import { tokenCodePattern } from '@gatehouse/shared/mfa-level';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';

/** Takes the code that was laid down for a gate job, so that nobody takes it again. `unreadable`: not sealed by us for it. */
export async function takeCode(
  { redis, sealer }: { redis: Redis; sealer: Sealer },
  id: string,
  attempt: number,
): Promise<Secret | 'none' | 'unreadable'> {
  const key = tokenCodeKey(id, attempt);
  const sealed = await redis.getdel(key);
  if (sealed === null) return 'none';
  const code = await sealer.unsealText(sealed, key).catch(() => '');
  return tokenCodePattern.test(code) ? new Secret(code) : 'unreadable';
}
