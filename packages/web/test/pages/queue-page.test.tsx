import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/components/paths.ts';
import { QueuePage } from '../../src/pages/queue-page.tsx';
import { aRun, aTime, list, stagePage } from './page-stage.tsx';

const nothingMeasured = { count: 0, 'p50-seconds': null, 'p95-seconds': null };

function aQueue(changes: Record<string, unknown> = {}) {
  return {
    data: {
      id: 'queue',
      type: 'queues',
      attributes: {
        now: {
          'awaiting-mfa': 17,
          queued: 3,
          running: 5,
          capacity: 8,
          pending: 1,
          planned: 0,
          'oldest-awaiting-mfa-at': aTime,
          'oldest-queued-at': null,
          'failed-today': 2,
        },
        paused: { runs: null, gate: null },
        'can-operate': true,
        series: [],
        'throughput-per-hour': 1.25,
        'ask-to-code': { count: 4, 'p50-seconds': 72, 'p95-seconds': 840 },
        'plan-duration': nothingMeasured,
        'apply-duration': nothingMeasured,
        'queue-wait': nothingMeasured,
        failures: [{ reason: 'mfa_deadline_passed', sentence: 'No MFA code came in time.', count: 6 }],
        'waits-by-device': [{ device: { id: 'd-1', label: '…4821:mfa/ops-alice' }, count: 12, 'oldest-at': aTime }],
        ...changes,
      },
    },
  };
}

function aWorker(changes: Record<string, unknown> = {}) {
  return {
    id: 'worker-1',
    type: 'workers',
    attributes: {
      name: 'w-eu-1',
      version: '1.4.0',
      sandbox: 'bubblewrap',
      concurrency: 2,
      state: 'working',
      draining: false,
      'drain-requested-by': null,
      'last-seen-at': aTime,
      'lost-at': null,
      phases: [{ 'run-id': 'run-8Hd1', phase: 'apply', organization: 'acme', workspace: 'dns', 'started-at': aTime }],
      'hidden-phases': 1,
      ...changes,
    },
  };
}

async function setup({ isOwner = true, queue = aQueue() } = {}) {
  const stage = stagePage({
    page: <QueuePage />,
    path: pagePaths.queue,
    address: '/queue',
    isOwner,
    answers: {
      'GET /queue': () => queue,
      'GET /workers': () => ({ data: [aWorker()] }),
      'GET /organizations/acme/runs': () => list([aRun('run-1', { 'gatehouse-status': 'planning' })]),
    },
  });
  if (isOwner) await screen.findByTestId('queue-tiles');
  return stage;
}

describe('the queue', () => {
  test('tiles say what waits, queues, runs and failed', async () => {
    await setup();
    const tiles = screen.getByTestId('queue-tiles').textContent;
    for (const words of ['Waiting for a code17', 'Queued3', 'Running5/8', 'Failed today2']) {
      expect(tiles).toContain(words);
    }
    expect(screen.getByText('…4821:mfa/ops-alice')).toBeTruthy();
    expect(screen.getByText('no code in time')).toBeTruthy();
  });

  test('who operates nothing finds nothing, and nothing is asked of the api', async () => {
    const { sent } = await setup({ isOwner: false });
    expect(screen.getByText('Nothing here, or not for you')).toBeTruthy();
    expect(sent).toEqual([]);
  });

  test('pausing asks first, says what it stops, and sends the lane', async () => {
    const { answers, writes } = await setup();
    answers['POST /queue/actions/pause'] = () => undefined;
    fireEvent.click(screen.getByRole('button', { name: 'Pause runs' }));
    const dialog = screen.getByRole('alertdialog');
    expect(dialog.textContent).toContain('Runs wait in the queue; running ones finish.');
    expect(writes()).toEqual([]);
    const [, press] = screen.getAllByRole('button', { name: 'Pause runs' });
    if (press === undefined) throw new Error('The dialog has no button.');
    fireEvent.click(press);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(writes()).toEqual([{ method: 'POST', path: '/queue/actions/pause', body: { lane: 'runs' } }]);
  });

  test('what is paused says by whom, and is resumed by the same button', async () => {
    await setup({ queue: aQueue({ paused: { runs: null, gate: { by: 'bob', at: aTime } } }) });
    expect(screen.getByText('Codes are paused by bob')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Resume codes' })).toBeTruthy();
  });

  test('somebody faster switches the dialog off', async () => {
    const { answers, refresh } = await setup();
    fireEvent.click(screen.getByRole('button', { name: 'Pause codes' }));
    answers['GET /queue'] = () => aQueue({ paused: { runs: null, gate: { by: 'bob', at: aTime } } });
    await act(() => refresh());
    await screen.findByText('Somebody did this meanwhile.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Pause codes' }).disabled).toBe(true);
  });

  test('a worker is drained after asking; phases of others are only counted', async () => {
    const { answers, writes } = await setup();
    answers['POST /workers/worker-1/actions/drain'] = () => undefined;
    await screen.findByText('1 of organizations that are not yours');
    fireEvent.click(screen.getByRole('button', { name: 'Drain w-eu-1' }));
    expect(screen.getByRole('alertdialog').textContent).toContain('finishes 2 that it has');
    fireEvent.click(screen.getByRole('button', { name: 'Drain worker' }));
    await waitFor(() => expect(writes()).toHaveLength(1));
  });

  test('who may not operate sees no switch', async () => {
    await setup({ queue: aQueue({ 'can-operate': false }) });
    await screen.findByText('Working');
    expect(screen.queryByRole('button', { name: /Pause|Drain/ })).toBeNull();
  });

  test('a run that went on meanwhile is not canceled', async () => {
    const { answers, refresh, writes } = await setup();
    fireEvent.click(await screen.findByRole('button', { name: 'Cancel run-1' }));
    answers['GET /organizations/acme/runs'] = () =>
      list([aRun('run-1', { 'gatehouse-status': 'applying', version: 2 })]);
    await act(() => refresh());
    await screen.findByText('The run went on meanwhile. Look at it again.');
    fireEvent.click(screen.getByRole('button', { name: 'Cancel run' }));
    expect(writes()).toEqual([]);
  });

  test('each chart has its table, and durations their words', async () => {
    await setup();
    const row = await screen.findByRole('row', { name: /Ask to code/ });
    expect(row.textContent).toContain('1 min');
    expect(row.textContent).toContain('14 min');
    expect(screen.getAllByRole('button', { name: /: table$/ })).toHaveLength(2);
  });
});
