import { sessionKey } from '@gatehouse/shared/jobs';
import type { Redis } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { type SealedSession, sealedSession } from '@gatehouse/shared/worker-api';
import type { IssuedSession } from './session.ts';

/** Where a session waits for its phase: in Redis, sealed for its key, no longer than it is good for. */
export type SessionStore = {
  put(runId: string, phase: Phase, session: IssuedSession): Promise<void>;
  /** undefined: gone, expired, or not sealed by us for this phase. */
  read(runId: string, phase: Phase): Promise<IssuedSession | undefined>;
  drop(runId: string, phase: Phase): Promise<void>;
};

export function createSessionStore({ redis, sealer }: { redis: Redis; sealer: Sealer }): SessionStore {
  return {
    async put(runId, phase, session) {
      const key = sessionKey(runId, phase);
      const plain: SealedSession = {
        accessKeyId: session.accessKeyId,
        secretAccessKey: session.secretAccessKey.reveal(),
        sessionToken: session.sessionToken.reveal(),
        expiresAt: session.expiresAt.toISOString(),
      };
      const sealed = await sealer.seal(JSON.stringify(plain), key);
      await redis.set(key, sealed, 'PX', Math.max(1, session.expiresAt.getTime() - Date.now()));
    },
    async read(runId, phase) {
      const key = sessionKey(runId, phase);
      const sealed = await redis.get(key);
      if (sealed === null) return undefined;
      const session = await open(sealer, sealed, key);
      return session !== undefined && session.expiresAt.getTime() > Date.now() ? session : undefined;
    },
    async drop(runId, phase) {
      await redis.del(sessionKey(runId, phase));
    },
  };
}

async function open(sealer: Sealer, sealed: string, key: string): Promise<IssuedSession | undefined> {
  try {
    const plain = sealedSession.parse(JSON.parse(await sealer.unsealText(sealed, key)));
    return {
      accessKeyId: plain.accessKeyId,
      secretAccessKey: new Secret(plain.secretAccessKey),
      sessionToken: new Secret(plain.sessionToken),
      expiresAt: new Date(plain.expiresAt),
    };
  } catch {
    // Somebody without the key wrote there: as good as nothing, and nothing of it may be told.
    return undefined;
  }
}
