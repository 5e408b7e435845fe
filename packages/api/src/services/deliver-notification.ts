import { needsMfa } from '@gatehouse/shared/mfa-level';
import { phaseAwaitingMfa, runningPhase } from '@gatehouse/shared/run-status';
import type { Clock } from '../clock.ts';
import { organizationSerial } from '../domain/awaited-device.ts';
import { runUrl } from '../domain/challenge.ts';
import { isAboutExtension } from '../domain/notification-events.ts';
import { type AwaitedCode, genericPayload, type RunNews, slackPayload } from '../domain/notification-payload.ts';
import { isSuccess, maxTries, mayTakeLater, nextTryAt } from '../domain/notification-rules.ts';
import { type Challenge, findChallengeOfPhase, latestExtension } from '../store/challenges.ts';
import type { Database } from '../store/database.ts';
import {
  findNotificationConfiguration,
  type NotificationConfiguration,
  recordResponse,
} from '../store/notification-configurations.ts';
import {
  endDelivery,
  type NotificationDelivery,
  postponeDelivery,
  takeDelivery,
} from '../store/notification-deliveries.ts';
import { findRun, type Run } from '../store/runs.ts';
import { workspaceName } from '../store/workspace-queue.ts';
import type { WebhookAnswer } from '../webhooks/post-webhook.ts';
import { openDestination, type Sending, sendNotification } from './send-notification.ts';

export type Deliverer = Sending & {
  database: Database;
  clock: Clock;
  publicUrl: string;
  logger: { warn(details: object, message: string): void };
};

/** Well above the longest try: after it whoever took a notification is taken to have died over it. */
const leaseMs = 30_000;

/** Tries the next notification that is due for a configuration; false when there is none. */
export async function deliverNext(deliverer: Deliverer, configurationId: string): Promise<boolean> {
  const { database, clock, logger } = deliverer;
  const now = clock.now();
  const delivery = takeDelivery(database, configurationId, now, new Date(now.getTime() + leaseMs));
  if (delivery === undefined) return false;
  const news = newsOf(deliverer, delivery);
  const isGivenUp = delivery.attempts > maxTries;
  // One that was disabled since is told nothing.
  if (news === undefined || !news.configuration.enabled || isGivenUp) {
    endDelivery(database, delivery);
    return true;
  }
  const answer = await send(deliverer, delivery, news);
  if (answer.kind === 'answered' && isSuccess(answer.code)) {
    endDelivery(database, delivery);
    return true;
  }
  const next = triesAgain(answer) ? nextTryAt(delivery.attempts, clock.now()) : undefined;
  if (next === undefined) endDelivery(database, delivery);
  else postponeDelivery(database, delivery, next);
  const why = answer.kind === 'answered' ? { code: answer.code } : { reason: answer.reason };
  const about = {
    configurationId,
    deliveryId: delivery.id,
    runId: delivery.runId,
    attempts: delivery.attempts,
    ...why,
  };
  logger.warn(about, next === undefined ? 'a notification is given up' : 'a notification is tried again later');
  return true;
}

async function send(
  deliverer: Deliverer,
  delivery: NotificationDelivery,
  { configuration, run }: { configuration: NotificationConfiguration; run: Run },
): Promise<WebhookAnswer> {
  const { database, clock, publicUrl } = deliverer;
  const workspace = workspaceName(database, run.workspaceId);
  const news: RunNews = {
    configurationId: configuration.id,
    trigger: delivery.trigger,
    status: delivery.status,
    at: delivery.at,
    by: delivery.by,
    run: {
      id: run.id,
      url: runUrl(publicUrl, { organization: run.organization, workspace, id: run.id }),
      message: run.message,
      createdAt: run.createdAt,
      createdBy: run.createdByName,
      workspaceId: run.workspaceId,
      workspace,
      organization: run.organization,
      // Of a status before the last it would tell the end of the story.
      endReason: run.status === delivery.status ? run.endReason : null,
    },
    mfa: awaitedCode(database, run, delivery),
  };
  const { answer, response } = await sendNotification(deliverer, {
    configurationId: configuration.id,
    destination: await openDestination(deliverer.sealer, configuration),
    deliveryId: delivery.id,
    payload: configuration.destinationType === 'slack' ? slackPayload(news) : genericPayload(news),
    at: clock.now(),
  });
  await recordResponse(database, response);
  return answer;
}

function newsOf({ database }: Deliverer, delivery: NotificationDelivery) {
  const configuration = findNotificationConfiguration(database, delivery.configurationId);
  const run = findRun(database, delivery.runId);
  return configuration && run && { configuration, run };
}

/** The wait that the news is of, as it stands now: a try that comes late says so itself. */
function awaitedCode(database: Database, run: Run, delivery: NotificationDelivery): AwaitedCode | undefined {
  const challenge = challengeOf(database, run, delivery);
  if (challenge === undefined) return undefined;
  const { state, deadlineAt, triesLeft } = challenge;
  const serial = organizationSerial(run, challenge);
  return { phase: challenge.phase, state, serial, deadlineAt, triesLeft };
}

function challengeOf(database: Database, run: Run, { status, trigger }: NotificationDelivery): Challenge | undefined {
  const running = runningPhase(status);
  if (running !== undefined) {
    return isAboutExtension(status, trigger) ? latestExtension(database, run.id, running) : undefined;
  }
  const decides = status === 'planned' && needsMfa(run.mfaLevel, 'apply') ? 'apply' : undefined;
  const phase = phaseAwaitingMfa(status) ?? decides;
  return phase && findChallengeOfPhase(database, run.id, phase);
}

/** A destination that is refused stays refused until an operator or its owner acts. */
function triesAgain(answer: WebhookAnswer): boolean {
  return answer.kind === 'silent' || (answer.kind === 'answered' && mayTakeLater(answer.code));
}
