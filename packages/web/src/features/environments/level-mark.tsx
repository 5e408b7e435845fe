import { type MfaLevel, mfaLevelLabels } from '@gatehouse/shared/mfa-level';
import { IconLock, IconLockOpen2 } from '@tabler/icons-react';
import css from './level-mark.module.css';

/** Which phases need a code, in the words of the setting. */
export function LevelMark({ level }: { level: MfaLevel }) {
  const Icon = level === 'never' ? IconLockOpen2 : IconLock;
  return (
    <span
      className={css['mark']}
      data-level={level}
      title={`AWS Multi-Factor Authentication: ${mfaLevelLabels[level]}`}
    >
      <Icon size={16} aria-hidden />
      <span className="gh-visually-hidden">Codes: </span>
      {mfaLevelLabels[level]}
    </span>
  );
}
