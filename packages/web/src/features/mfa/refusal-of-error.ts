import { isApiError } from '../../api-client/api-error.ts';
import type { Device, Mfa } from '../../api-client/mfa.ts';
import { clockTime } from '../../components/duration-words.ts';
import { isCodeProblem, type MfaFacts, type Words, wordsOfProblem } from './mfa-words.ts';
import { secondsToNextCode } from './typed-code.ts';
import type { CodeOutcome } from './use-code-sending.ts';

/** What the page says of a submission that failed. What failed otherwise says so itself. */
export function refusalOfError(error: unknown, facts: MfaFacts): Extract<CodeOutcome, { kind: 'refused' }> {
  return { kind: 'refused', words: wordsOfError(error, facts) };
}

function wordsOfError(error: unknown, facts: MfaFacts): Words {
  if (!isApiError(error))
    return { title: 'The page failed', body: 'Load it anew; the run says what came of the code.' };
  if (isCodeProblem(error.code)) return wordsOfProblem(error.code, facts);
  if (error.code === 'unreachable') {
    return {
      title: 'Gatehouse did not answer',
      body: 'Whether the code arrived is not known. Look at what the run says, then take the next code.',
    };
  }
  return { title: error.title, body: error.detail };
}

/** What is known of a wait, for the sentences. `now` by the api's clock. */
export function factsOf(
  wait: { device: Device | undefined; deadlineAt?: number | undefined; purpose?: Mfa['purpose'] },
  now: number,
): MfaFacts {
  const { device, deadlineAt, purpose } = wait;
  const spent = device?.spent;
  return {
    ...(deadlineAt === undefined ? {} : { until: clockTime(deadlineAt) }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(device === undefined ? {} : { device: device.owner }),
    ...(spent === undefined
      ? {}
      : { spent: { by: spent.by, environment: spent.environment, newInSeconds: secondsToNextCode(now) } }),
  };
}
