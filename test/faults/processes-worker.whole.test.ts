import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import type { FaultWorld } from './fault-world.ts';
import { asksAgain, type Expected, goesOn, harmAtEveryStep, isLost, pauseBeyondTheLease } from './harmed-runs.ts';
import type { Step } from './steps.ts';

const lost: Record<Step, Expected> = {
  parked: goesOn,
  exchanging: asksAgain,
  claimed: isLost,
  planning: isLost,
  'uploading the plan': isLost,
  waiting: goesOn,
  applying: isLost,
  'saving the state': isLost,
  reporting: goesOn,
};

const stopped: Expected = {
  status: ['applied', 'errored'],
  reasons: ['applied', 'worker_stopped'],
  holds: 'it ends well, or terraform is interrupted in time and its state is complete (worker_stopped)',
};

describe('SIGKILL', () => {
  harmAtEveryStep({
    area: 'Processes: worker',
    name: 'SIGKILL of the worker',
    expected: lost,
    async harm(world) {
      await workerOf(world).kill();
      await world.stack.addWorker();
    },
  });
});

describe('SIGTERM', () => {
  harmAtEveryStep({
    area: 'Processes: worker',
    name: 'SIGTERM of the worker, its drain over while phases run',
    // Terraform does not hear an interrupt while it reads a data source.
    workerEnvironment: { GATEHOUSE_CANCEL_GRACE_SECONDS: '5' },
    expected: {
      ...lost,
      claimed: stopped,
      planning: stopped,
      'uploading the plan': stopped,
      applying: stopped,
      'saving the state': stopped,
    },
    async harm(world, held) {
      const gone = workerOf(world).stop(60_000);
      // Past the drain of a second, so that what is not interrupted by then never is.
      await delay(2_500);
      held.releaseRequests();
      await held.releaseReports();
      await gone;
      await world.stack.addWorker();
    },
  });
});

describe('SIGSTOP', () => {
  harmAtEveryStep({
    area: 'Processes: worker',
    name: 'SIGSTOP of the worker for longer than its lease, then SIGCONT',
    expected: lost,
    async harm(world, held) {
      const { pid } = workerOf(world);
      await world.stack.addWorker();
      await pauseBeyondTheLease(pid, held.releaseReports);
    },
  });
});

function workerOf(world: FaultWorld) {
  const worker = world.stack.services.workers.at(-1);
  if (worker === undefined) throw new Error('There is no worker.');
  return worker;
}
