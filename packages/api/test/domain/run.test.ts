import { type AcceptedIdentities, mfaLevels } from '@gatehouse/shared/mfa-level';
import { describe, expect, test } from 'vitest';
import { awaitedDevice, organizationSerial } from '../../src/domain/awaited-device.ts';
import { awaitingLines, looksLikeMfaSerial, maskedSerial } from '../../src/domain/challenge.ts';
import { eventsAfterPlan, needsMfaAnywhere, phaseInHand, releaseEvent } from '../../src/domain/run.ts';
import { nextRun } from '../../src/domain/workspace-queue.ts';

describe('what follows from what', () => {
  const table = mfaLevels.flatMap((mfaLevel) =>
    [true, false].flatMap((autoApply) =>
      [true, false].flatMap((planOnly) =>
        [true, false].flatMap((savePlan) =>
          [true, false].map((hasChanges) => ({ mfaLevel, autoApply, planOnly, savePlan, hasChanges })),
        ),
      ),
    ),
  );

  test.each(table)('after a plan: %o', ({ hasChanges, ...run }) => {
    const events = eventsAfterPlan(run, hasChanges);
    if (run.planOnly || !hasChanges) expect(events).toEqual(['planFinished']);
    else if (run.savePlan) expect(events).toEqual(['planSaved']);
    else if (!run.autoApply) expect(events).toEqual(['planAwaitsDecision']);
    else
      expect(events).toEqual(['planAwaitsDecision', run.mfaLevel === 'never' ? 'applyConfirmed' : 'applyMfaRequired']);
  });

  test('a run asks for codes only in phases that it has', () => {
    expect(needsMfaAnywhere({ planOnly: true, mfaLevel: 'applies_only' })).toBe(false);
    expect(needsMfaAnywhere({ planOnly: true, mfaLevel: 'plans_and_applies' })).toBe(true);
    expect(releaseEvent({ mfaLevel: 'applies_only' })).toBe('planReleased');
  });

  test('a status belongs to the phase whose log is open', () => {
    expect([phaseInHand('pending'), phaseInHand('awaiting_apply_mfa')]).toEqual(['plan', 'apply']);
    expect([phaseInHand('planned'), phaseInHand('applied')]).toEqual([undefined, undefined]);
  });

  test('the head of a queue starts only in a free, unlocked workspace', () => {
    const queue = { isLocked: false, activeRunId: undefined, pendingRunIds: ['run-1', 'run-2'] };
    expect(nextRun(queue)).toBe('run-1');
    expect(nextRun({ ...queue, isLocked: true })).toBeUndefined();
    expect(nextRun({ ...queue, activeRunId: 'run-0' })).toBeUndefined();
    expect(nextRun({ ...queue, pendingRunIds: [] })).toBeUndefined();
  });
});

describe('an MFA device', () => {
  test.each([
    ['arn:aws:iam::123456789012:mfa/olga', true, 'arn:aws:iam::********9012:mfa/olga'],
    ['arn:aws-us-gov:iam::123456789012:mfa/path/olga', true, 'arn:aws-us-gov:iam::********9012:mfa/path/olga'],
    ['GAHT12345678', true, '****5678'],
    ['arn:aws:iam::123456789012:user/olga', false, '****olga'],
    ['arn:aws:iam::1234:mfa/olga', false, '****olga'],
    ['1234', false, '****'],
    ['', false, 'your own MFA device'],
  ])('%s', (serial, isDevice, shown) => {
    expect(looksLikeMfaSerial(serial)).toBe(isDevice);
    expect(maskedSerial(serial)).toBe(shown);
  });

  const serial = 'arn:aws:iam::123456789012:mfa/olga';
  const given = { mfaSerial: serial, awsIdentityId: null };
  const shared = (acceptedIdentities: AcceptedIdentities) => ({ mfaSerial: serial, acceptedIdentities });

  test('is that of whom the run accepts', () => {
    const masked = 'arn:aws:iam::********9012:mfa/olga';
    expect(awaitedDevice(shared('organization'), given)).toBe(masked);
    expect(awaitedDevice(shared('both'), given)).toBe(`${masked} or of your own MFA device`);
    expect(awaitedDevice(shared('members'), given)).toBe('your own MFA device');
    expect(awaitedDevice({ mfaSerial: null, acceptedIdentities: 'both' }, { ...given, mfaSerial: '' })).toBe(
      'your own MFA device',
    );
    // A code of a member's own was refused: the organization's device is asked for all the same.
    const tried = { mfaSerial: 'arn:aws:iam::123456789012:mfa/mia', awsIdentityId: 'awsid-1' };
    expect(organizationSerial(shared('both'), tried)).toBe(serial);
  });

  test('is named masked where a code is asked for', () => {
    const lines = awaitingLines({
      phase: 'plan',
      device: awaitedDevice(shared('organization'), given),
      url: 'https://gatehouse.test/app/acme/prod/runs/run-1',
      authenticateUrl: 'https://gatehouse.test/api/v2/runs/run-1/actions/authenticate',
      deadlineAt: new Date(0),
    });
    expect(lines.join('\n')).not.toContain('123456789012');
    expect(lines).toContain('  https://gatehouse.test/app/acme/prod/runs/run-1');
    expect(lines).toContain('  https://gatehouse.test/api/v2/runs/run-1/actions/authenticate');
    expect(lines.at(-1)).toBe('Waiting until 1970-01-01 00:00:00 UTC.');
  });
});
