import { describe } from 'vitest';
import { allGoOn, harmAtEveryStep, pauseBeyondTheLease } from './harmed-runs.ts';

const area = 'Processes: Redis';

describe('SIGKILL', () => {
  harmAtEveryStep({
    area,
    name: 'SIGKILL of Redis',
    expected: allGoOn,
    harm: ({ stack }, held) => stack.restartRedis({ isKilled: true, meanwhile: async () => held.releaseRequests() }),
  });
});

describe('SIGTERM', () => {
  harmAtEveryStep({
    area,
    name: 'SIGTERM of Redis',
    expected: allGoOn,
    harm: ({ stack }, held) => stack.restartRedis({ meanwhile: async () => held.releaseRequests() }),
  });
});

describe('SIGSTOP', () => {
  harmAtEveryStep({
    area,
    name: 'SIGSTOP of Redis for longer than the lease, then SIGCONT',
    expected: allGoOn,
    harm: ({ stack }, held) => pauseBeyondTheLease(stack.services.redis.pid, async () => held.releaseRequests()),
  });
});
