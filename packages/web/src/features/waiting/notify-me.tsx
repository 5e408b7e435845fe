import { Button } from '@mantine/core';
import { useState } from 'react';
import { browserNotifyState, type NotifyState, rememberNotify } from './notify-choice.ts';
import css from './waiting.module.css';

const explanations: Record<Exclude<NotifyState, 'unsupported'>, string> = {
  insecure: 'Notifications need https.',
  denied: 'This browser blocks notifications of Gatehouse. Its site settings, beside the address, allow them again.',
  off: 'One notification for each code that is awaited, while no tab of Gatehouse is in view. It names the environment, never the plan.',
  on: 'You are told of each code that is awaited, while no tab of Gatehouse is in view.',
};

/** Turns notifications on and off. The browser's question comes only after a press here, and after our own sentence. */
export function NotifyMe() {
  const [state, setState] = useState(browserNotifyState);
  const [isAsking, setAsking] = useState(false);
  if (state === 'unsupported') return null;
  if (state === 'insecure' || state === 'denied') return <p className={css['notifyNote']}>{explanations[state]}</p>;
  const turnOn = async () => {
    await window.Notification.requestPermission();
    rememberNotify(true);
    setState(browserNotifyState());
    setAsking(false);
  };
  const turnOff = () => {
    rememberNotify(false);
    setState('off');
  };
  if (state === 'on') {
    return (
      <Button size="sm" variant="default" onClick={turnOff} title={explanations.on} aria-pressed>
        Notifying
      </Button>
    );
  }
  if (!isAsking) {
    return (
      <Button size="sm" variant="default" onClick={() => setAsking(true)}>
        Notify me
      </Button>
    );
  }
  return (
    <div className={css['notifyAsk']}>
      <p>{explanations.off}</p>
      <Button size="sm" onClick={() => void turnOn()}>
        Turn on
      </Button>
      <Button size="sm" variant="default" onClick={() => setAsking(false)}>
        Leave off
      </Button>
    </div>
  );
}
