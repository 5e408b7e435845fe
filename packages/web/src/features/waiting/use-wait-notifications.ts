import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import type { Wait } from '../../api-client/waits.ts';
import { clockTime } from '../../components/duration-words.ts';
import { pathTo } from '../../components/paths.ts';
import { browserNotifyState } from './notify-choice.ts';
import { answerWhetherVisible, isAnyTabVisible } from './visible-tabs.ts';

/**
 * One notification for each code that is newly awaited, if the reader wants them and no tab of Gatehouse is in view; it
 * goes when the code was given, anywhere. What waited before the page was opened is not told.
 */
export function useWaitNotifications(waits: readonly Wait[] | undefined): void {
  const navigate = useNavigate();
  const known = useRef<ReadonlySet<string> | undefined>(undefined);
  const open = useRef(new Map<string, Notification>());

  useEffect(() => {
    if (waits === undefined) return;
    const awaited = waits.filter(({ mfa }) => mfa?.state === 'awaiting');
    const ids = new Set(awaited.map(({ mfa }) => mfa?.challengeId ?? ''));
    for (const [id, notification] of open.current) {
      if (ids.has(id)) continue;
      notification.close();
      open.current.delete(id);
    }
    const fresh = awaited.filter(({ mfa }) => known.current?.has(mfa?.challengeId ?? '') === false);
    known.current = new Set([...(known.current ?? []), ...ids]);
    if (fresh.length === 0 || browserNotifyState() !== 'on') return;
    void isAnyTabVisible().then((isVisible) => {
      if (isVisible) return;
      for (const wait of fresh) {
        const id = wait.mfa?.challengeId ?? '';
        const notification = show(wait, id, () => {
          window.focus();
          void navigate(runPath(wait));
        });
        if (notification !== undefined) open.current.set(id, notification);
      }
    });
  }, [waits, navigate]);

  useEffect(answerWhetherVisible, []);
  useEffect(() => {
    const shown = open.current;
    return () => {
      for (const notification of shown.values()) notification.close();
    };
  }, []);
}

export function notificationText({ environment, phase, deadlineAt, mfa }: Wait): string {
  const until = deadlineAt === undefined ? '' : ` Until ${clockTime(deadlineAt)}.`;
  if (mfa?.purpose === 'extend') return `${environment}: the session of the ${phase} ends, a code extends it.${until}`;
  return `${environment} waits for a code (${phase}).${until}`;
}

function show(wait: Wait, id: string, onClick: () => void): Notification | undefined {
  try {
    // Tabs that know of the same challenge show it once: they use the same tag.
    const notification = new Notification('Gatehouse', { body: notificationText(wait), tag: id, silent: true });
    notification.onclick = () => {
      onClick();
      notification.close();
    };
    return notification;
  } catch {
    // Chromium on Android shows notifications of service workers only.
    return undefined;
  }
}

function runPath({ organization, environment, runId }: Wait): string {
  return pathTo('run', { organization, workspace: environment, runId });
}
