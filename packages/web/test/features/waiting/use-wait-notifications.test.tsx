import { act, renderHook } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Wait } from '../../../src/api-client/waits.ts';
import { notificationText, useWaitNotifications } from '../../../src/features/waiting/use-wait-notifications.ts';

class FakeNotification {
  static permission = 'granted';
  static shown: FakeNotification[] = [];
  readonly body: string;
  readonly tag: string;
  isClosed = false;
  onclick = () => {};
  constructor(_: string, { body, tag }: { body: string; tag: string }) {
    this.body = body;
    this.tag = tag;
    FakeNotification.shown.push(this);
  }
  close() {
    this.isClosed = true;
  }
}

function aWait(id: string): Wait {
  const device = { id: 'device-1', label: '…4821:mfa/ops-alice', owner: 'organization', spent: undefined } as const;
  return {
    runId: `run-${id}`,
    kind: 'code',
    phase: 'apply',
    since: 0,
    deadlineAt: new Date(2026, 4, 3, 15, 3).getTime(),
    organization: 'acme',
    environment: 'network-prod',
    message: 'secret plans',
    source: 'tfe-api',
    createdBy: 'bob',
    version: 1,
    status: 'planned',
    planCounts: undefined,
    destroys: false,
    mayAuthenticate: ['alice'],
    mfa: {
      challengeId: `mfa-${id}`,
      phase: 'apply',
      purpose: 'start',
      state: 'awaiting',
      deadlineAt: undefined,
      triesLeft: 5,
      lastError: undefined,
      submittedBy: undefined,
      authenticatedBy: undefined,
      authenticatedAt: undefined,
      sessionExpiresAt: undefined,
      authenticatedWith: undefined,
      devices: [device],
      plannedSession: undefined,
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeNotification.shown = [];
  vi.stubGlobal('Notification', FakeNotification);
  vi.stubGlobal('isSecureContext', true);
  window.localStorage.setItem('gatehouse-notify', 'on');
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  window.localStorage.clear();
});

async function setup(visibility: 'hidden' | 'visible') {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility);
  const { rerender } = renderHook(({ waits }) => useWaitNotifications(waits), {
    initialProps: { waits: [aWait('old')] },
    wrapper: MemoryRouter,
  });
  return async (...ids: string[]) => {
    rerender({ waits: ids.map(aWait) });
    await act(() => vi.advanceTimersByTimeAsync(500));
  };
}

test('a new challenge is told once while no tab is in view, and the note goes when it is answered', async () => {
  const become = await setup('hidden');
  await become('old', 'new');
  await become('old', 'new');
  expect(FakeNotification.shown.map(({ body, tag }) => [body, tag])).toEqual([
    ['network-prod waits for a code (apply). Until 15:03.', 'mfa-new'],
  ]);
  await become('old');
  expect(FakeNotification.shown[0]?.isClosed).toBe(true);
});

test('nothing is told while a tab is in view', async () => {
  const become = await setup('visible');
  await become('old', 'new');
  expect(FakeNotification.shown).toEqual([]);
});

test('nothing is told to whom did not ask for it', async () => {
  window.localStorage.setItem('gatehouse-notify', 'off');
  const become = await setup('hidden');
  await become('old', 'new');
  expect(FakeNotification.shown).toEqual([]);
});

test('a session that ends is told as what it is, with until when a code helps', () => {
  const wait = aWait('a');
  const extending = { ...wait, mfa: wait.mfa && { ...wait.mfa, purpose: 'extend' as const } };
  expect(notificationText(extending)).toBe(
    'network-prod: the session of the apply ends, a code extends it. Until 15:03.',
  );
});
