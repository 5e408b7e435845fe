import { useId } from 'react';
import { Link } from 'react-router';
import type { Device, DeviceOwner } from '../../api-client/mfa.ts';
import { pathTo } from '../../components/paths.ts';
import css from './device-choice.module.css';

const ownerWords = { own: 'your device', organization: 'the organization’s' } as const satisfies Record<
  DeviceOwner,
  string
>;

/** Whose device answers; only where there is a choice. It stands before the code, which is asked last. */
export function DeviceChoice(props: {
  devices: readonly Device[];
  chosen: DeviceOwner;
  isOff?: boolean;
  onChoose(owner: DeviceOwner): void;
}) {
  const group = useId();
  if (props.devices.length < 2) return null;
  return (
    <fieldset className={css['choice']} disabled={props.isOff}>
      <legend>Answer with</legend>
      {props.devices.map(({ owner, label }) => (
        <label key={owner} className={css['option']}>
          <input
            type="radio"
            name={group}
            value={owner}
            checked={owner === props.chosen}
            onChange={() => props.onChoose(owner)}
          />
          {ownerWords[owner]} <span className={css['label']}>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** None of the devices that are accepted here is the reader's to use. */
export function NoDevice() {
  return (
    <p>
      Codes of your own device are asked for here. <Link to={pathTo('tokens')}>Register your AWS identity</Link> to
      answer with it.
    </p>
  );
}
