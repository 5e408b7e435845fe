import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useId, useMemo, useRef, useState } from 'react';
import { authenticateRuns, type BatchOutcome } from '../../api-client/authenticate.ts';
import type { Wait } from '../../api-client/waits.ts';
import { queryKeys } from '../live/query-keys.ts';
import { CodeEntry } from '../mfa/code-entry.tsx';
import { DeviceChoice, NoDevice } from '../mfa/device-choice.tsx';
import { applyConsent } from '../mfa/mfa-words.ts';
import { isMyDevice, rememberDevice } from '../mfa/my-devices.ts';
import { factsOf, refusalOfError } from '../mfa/refusal-of-error.ts';
import type { CodeOutcome } from '../mfa/use-code-sending.ts';
import { useDeviceChoice } from '../mfa/use-device-choice.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { challengeIdOf, type Outcomes, refusalOfBatch } from './batch-outcome.ts';
import { useTicks } from './use-ticks.ts';
import { beingChecked, startsApply, type WaitGroup, waitsNoMore, whatStarts, whyNotTickable } from './wait-groups.ts';
import { WaitRow } from './wait-row.tsx';
import css from './waiting.module.css';

export type WaitGroupPanelProps = {
  group: WaitGroup;
  /** Whether the organization must be named: I am in several. */
  namesOrganization: boolean;
  outcomes: Outcomes;
  onOutcomes(group: readonly Wait[], sent: readonly Wait[], result: readonly BatchOutcome[]): void;
};

/** The runs that wait for codes of one device, and the one field that releases those that are ticked. */
export function WaitGroupPanel({ group, namesOrganization, outcomes, onOutcomes }: WaitGroupPanelProps) {
  const { api, clock } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const panel = useRef<HTMLElement>(null);
  const [hasFocus, setFocus] = useState(false);
  const [isSending, setSending] = useState(false);
  const headingId = useId();
  const consentId = useId();
  const { waits, organization } = group;
  const { device, choose } = useDeviceChoice(group.devices);
  const ticks = useTicks(waits, () => panel.current?.contains(document.activeElement) ?? false);
  const ticked = waits.filter((wait) => ticks.isTicked(wait.runId) && whyNotTickable(wait, who.username) === undefined);
  const reasons = waits.map((wait) => whyNotTickable(wait, who.username));
  const canAny = reasons.includes(undefined);
  // While a code is checked nothing can be ticked; the field stays all the same, with what it has to say.
  const isChecking = !canAny && reasons.includes(beingChecked);
  const hasEnded = waits.some((wait) => outcomes.has(challengeIdOf(wait)));
  const hasApply = ticked.some(startsApply);

  const newest = useRef({ ticked, waits });
  newest.current = { ticked, waits };
  const submit = useCallback(
    async (code: string): Promise<CodeOutcome> => {
      const { ticked: sent, waits: shown } = newest.current;
      if (device === undefined) throw new Error('There is no device to answer with.');
      try {
        const runIds = sent.map(({ runId }) => runId);
        const result = await authenticateRuns(api, { organization, runIds, code, device: device.owner });
        onOutcomes(shown, sent, result);
        const refusal = refusalOfBatch(result, factsOf({ device }, clock.now()));
        if (refusal === undefined) rememberDevice(who.username, device);
        return refusal ?? { kind: 'accepted' };
      } catch (error) {
        return refusalOfError(error, factsOf({ device }, clock.now()));
      } finally {
        await queries.invalidateQueries({ queryKey: queryKeys.waiting() });
      }
    },
    [api, clock, queries, organization, device, who.username, onOutcomes],
  );
  const consent = useMemo(() => applyConsent(''), []);

  return (
    <section
      ref={panel}
      className={css['group']}
      aria-labelledby={headingId}
      data-testid="wait-group"
      onFocus={() => setFocus(true)}
      onBlur={() => setFocus(false)}
    >
      <header className={css['device']}>
        <h2 id={headingId}>
          {device === undefined ? 'A device of your own' : `Device ${device.label}`}
          {device !== undefined && isMyDevice(who.username, device) ? ' (yours)' : ''}{' '}
          <span className={css['number']}>{reasons.filter((reason) => reason !== waitsNoMore).length}</span>
        </h2>
        {namesOrganization && <span className={css['organization']}>in {organization}</span>}
        {hasEnded && (
          <button type="button" className={css['clear']} onClick={() => onOutcomes(waits, [], [])}>
            Clear outcomes
          </button>
        )}
      </header>
      <ul className={css['rows']}>
        {waits.map((wait) => {
          const outcome = outcomes.get(challengeIdOf(wait))?.outcome;
          return (
            <WaitRow
              key={challengeIdOf(wait)}
              wait={wait}
              outcome={outcome}
              tick={{
                isTicked: ticks.isTicked(wait.runId),
                whyNot: whyNotTickable(wait, who.username),
                isBusy: isSending,
                onTick: (isTicked) => ticks.tick(wait.runId, isTicked),
              }}
            />
          );
        })}
      </ul>
      {device === undefined && (
        <div className={css['foot']}>
          <NoDevice />
        </div>
      )}
      {device !== undefined && (canAny || isChecking || isSending) && (
        <div className={css['foot']}>
          <p id={consentId}>
            {whatStarts(ticked)} {hasApply && <strong className={css['warning']}>{consent.body}</strong>}
          </p>
          <DeviceChoice devices={group.devices} chosen={device.owner} isOff={isSending} onChoose={choose} />
          <CodeEntry
            device={{ label: device.label, isYours: isMyDevice(who.username, device) }}
            consentId={consentId}
            triesLeft={Math.min(...(ticked.length > 0 ? ticked : waits).map(({ mfa }) => mfa?.triesLeft ?? 0))}
            spent={device.spent}
            blockedBecause={ticked.length === 0 && !isChecking ? 'Tick what the code is to start.' : undefined}
            isExchanging={isChecking}
            isOneTimeCode={hasFocus}
            submit={submit}
            onSending={setSending}
          />
        </div>
      )}
    </section>
  );
}
