import { type Phase, phases } from '@gatehouse/shared/run-status';
import type { SessionForecast } from '../../api-client/aws-session.ts';
import { lengthWords } from '../../components/duration-words.ts';
import { Notice } from '../../components/notice.tsx';
import css from './settings-form.module.css';

/** What earlier runs took, how long the next session will be, and whether that is enough; of what is saved. */
export function SessionForecasts(props: {
  forecasts: Record<Phase, SessionForecast>;
  hasRole: boolean;
  /** A code can be asked for while the phase runs. */
  isExtendable: Record<Phase, boolean>;
}) {
  const { forecasts } = props;
  return (
    <div className={css['forecast']} data-testid="session-forecast">
      {phases.map((phase) => (
        <p key={phase}>{forecastWords(phase, forecasts[phase])}</p>
      ))}
      {phases.map((phase) => {
        const words = tooShortWords(phase, forecasts[phase], props.hasRole, props.isExtendable[phase]);
        return (
          words !== undefined && (
            <Notice key={phase} tone="need" title={`The session would end before the ${phase} does.`}>
              {words}
            </Notice>
          )
        );
      })}
    </div>
  );
}

export function forecastWords(phase: Phase, forecast: SessionForecast): string {
  const asked = `a session of ${lengthWords(forecast.durationSeconds)} is asked for`;
  const [one, many] = phase === 'plan' ? ['plan', 'Plans'] : ['apply', 'Applies'];
  if (forecast.p95Seconds === undefined) return `No earlier ${one} to go by; ${asked}.`;
  const few = forecast.expectedSeconds === undefined ? ', too few to go by' : '';
  return `${many} took up to ${lengthWords(forecast.p95Seconds)} (p95 of ${forecast.earlierRuns}${few}); ${asked}.`;
}

function tooShortWords(
  phase: Phase,
  { isEnough, expectedSeconds, durationSeconds, limitSeconds }: SessionForecast,
  hasRole: boolean,
  isExtendable: boolean,
): string | undefined {
  if (isEnough) return undefined;
  const needed = expectedSeconds === undefined ? '' : ` The ${phase} needs about ${lengthWords(expectedSeconds)}.`;
  if (durationSeconds < limitSeconds) {
    return `${lengthWords(durationSeconds)} is asked for.${needed} Choose a longer session, or automatic.`;
  }
  const longer = hasRole ? " Lengthen the role's longest session, in IAM and here." : '';
  const then = isExtendable ? ` Else another code is asked for while the ${phase} runs.` : '';
  return `AWS gives at most ${lengthWords(limitSeconds)} here.${needed}${longer}${then}`;
}
