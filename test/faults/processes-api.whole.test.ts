import { describe } from 'vitest';
import { allGoOn, harmAtEveryStep, pauseBeyondTheLease } from './harmed-runs.ts';

const area = 'Processes: api';

describe('SIGKILL', () => {
  harmAtEveryStep({
    area,
    name: 'SIGKILL of the api',
    expected: allGoOn,
    harm: ({ stack }, held) => stack.restartApi({ isKilled: true, meanwhile: async () => held.releaseRequests() }),
  });
});

describe('SIGTERM', () => {
  harmAtEveryStep({
    area,
    name: 'SIGTERM of the api',
    expected: allGoOn,
    harm: ({ stack }, held) => stack.restartApi({ meanwhile: async () => held.releaseRequests() }),
  });
});

describe('SIGSTOP', () => {
  harmAtEveryStep({
    area,
    name: 'SIGSTOP of the api for longer than the lease, then SIGCONT',
    expected: allGoOn,
    harm: ({ stack }, held) => pauseBeyondTheLease(stack.services.api.pid, async () => held.releaseRequests()),
  });
});
