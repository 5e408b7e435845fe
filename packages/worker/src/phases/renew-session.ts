import { setTimeout as sleep } from 'node:timers/promises';
import type { LogWriter } from '../logs/log-writer.ts';
import type { Rejection } from '../sts/sts-rejections.ts';
import type { Opened } from './live-session.ts';

const shortestDelayMs = 1_000;
const longestDelayMs = 30_000;

/**
 * The next session of a phase that needs no code: asked for until AWS gives one or `until` has come, since a repetition
 * spends nothing. The first refusal is told in the log.
 */
export async function renewSession(
  ask: () => Promise<Opened | Rejection>,
  options: { until: Date; log: Pick<LogWriter, 'say'>; signal: AbortSignal },
): Promise<Opened | undefined> {
  const { until, log, signal } = options;
  for (let failures = 0; ; failures++) {
    const answer = await ask();
    if ('session' in answer) {
      log.say('the AWS session is renewed; no code is needed for it.');
      return answer;
    }
    if (failures === 0) {
      log.say(
        `AWS did not renew the session: ${answer.awsMessage ?? answer.rejection}. It is asked again until ${until.toISOString()}.`,
      );
    }
    const leftMs = until.getTime() - Date.now();
    if (leftMs <= shortestDelayMs || signal.aborted) return undefined;
    const delayMs = Math.min(longestDelayMs, Math.max(shortestDelayMs, leftMs / 10));
    await sleep(delayMs, undefined, { signal }).catch(() => {});
  }
}
