import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import type { EndReason } from '@gatehouse/shared/end-reasons';
import type { Phase, RunStatus } from '@gatehouse/shared/run-status';
import { deviceLabel, maskedSerial } from './challenge.ts';
import { type NotificationTrigger, notificationMessage } from './notification-events.ts';

/** What is told of a run. No secret is among it. */
export type RunNews = {
  configurationId: string;
  trigger: NotificationTrigger;
  /** What the run came to, when, and by whom; null: by nobody. */
  status: RunStatus;
  at: Date;
  by: string | null;
  run: {
    id: string;
    url: string;
    message: string;
    createdAt: Date;
    createdBy: string;
    workspaceId: string;
    workspace: string;
    organization: string;
    endReason: EndReason | null;
  };
  /** The code that the run came to wait for, as the wait stands when this is sent. */
  mfa: AwaitedCode | undefined;
};

export type AwaitedCode = {
  phase: Phase;
  state: string;
  serial: string;
  /** Null: nobody has decided on the plan yet, and a code decides. */
  deadlineAt: Date | null;
  triesLeft: number;
};

/** TFE's payload, version 1, with what only Gatehouse knows added to the one notification in it. */
export function genericPayload(news: RunNews): object {
  const { run, trigger, status, mfa } = news;
  return {
    payload_version: 1,
    notification_configuration_id: news.configurationId,
    run_url: run.url,
    run_id: run.id,
    run_message: run.message,
    run_created_at: run.createdAt.toISOString(),
    run_created_by: run.createdBy,
    workspace_id: run.workspaceId,
    workspace_name: run.workspace,
    organization_name: run.organization,
    notifications: [
      {
        message: notificationMessage(status, trigger),
        trigger,
        run_status: apiRunStatus(status),
        run_updated_at: news.at.toISOString(),
        run_updated_by: news.by,
        gatehouse_status: gatehouseStatus(status),
        end_reason: run.endReason,
        mfa: mfa === undefined ? null : mfaOf(mfa, run.url),
      },
    ],
  };
}

function mfaOf(mfa: AwaitedCode, url: string): object {
  return {
    phase: mfa.phase,
    state: mfa.state,
    device: maskedSerial(mfa.serial),
    deadline_at: mfa.deadlineAt?.toISOString() ?? null,
    attempts_left: mfa.triesLeft,
    url,
  };
}

export function genericVerification(configuration: { id: string; name: string }): object {
  return {
    payload_version: 1,
    notification_configuration_id: configuration.id,
    run_url: null,
    run_id: null,
    run_message: null,
    run_created_at: null,
    run_created_by: null,
    workspace_id: null,
    workspace_name: null,
    organization_name: null,
    notifications: [
      {
        message: `Verification of ${configuration.name}`,
        trigger: 'verification',
        run_status: null,
        run_updated_at: null,
        run_updated_by: null,
      },
    ],
  };
}

/** Slack takes 3,000 characters in a block; a run's message is told in its beginning. */
const longestMessage = 300;

/** An incoming webhook of Slack: blocks, and the same in `text` for notifications and for readers of screens. */
export function slackPayload(news: RunNews): object {
  const { run, status, trigger, mfa } = news;
  const what = notificationMessage(status, trigger);
  const place = escapeSlack(`${run.organization}/${run.workspace}`);
  const link = `<${run.url}|${run.id}>`;
  const lines = [`*${place}*: ${what} (${link})`];
  if (mfa !== undefined) lines.push(awaitedLine(mfa));
  if (run.message !== '') lines.push(`> ${escapeSlack(beginningOf(run.message))}`);
  const by = news.by === null ? '' : ` by ${escapeSlack(news.by)}`;
  const context = `Status \`${gatehouseStatus(status)}\`${by} at ${news.at.toISOString()}, created by ${escapeSlack(run.createdBy)}`;
  return {
    text: lines.join('\n'),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: lines.join('\n') } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: context }] },
    ],
  };
}

export function slackVerification(configuration: { name: string }): object {
  const text = `Verification of ${escapeSlack(configuration.name)}: Gatehouse sends notifications here.`;
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] };
}

function awaitedLine({ phase, serial, deadlineAt }: AwaitedCode): string {
  const until = deadlineAt === null ? '' : ` until ${deadlineAt.toISOString()}`;
  return `The ${phase} waits for a code of \`${escapeSlack(deviceLabel(serial))}\`${until}.`;
}

/** One line, so that a message of a run cannot look like one of ours. */
function beginningOf(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

/** Slack's three characters with a meaning: without them a text holds no link and calls nobody. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
