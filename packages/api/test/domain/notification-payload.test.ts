import { createHmac } from 'node:crypto';
import { Secret } from '@gatehouse/shared/secret';
import { expect, test } from 'vitest';
import {
  genericPayload,
  genericVerification,
  type RunNews,
  slackPayload,
} from '../../src/domain/notification-payload.ts';
import { notificationSignature } from '../../src/domain/notification-signature.ts';

const serial = 'arn:aws:iam::123456789012:mfa/olga';
const news = (more: Partial<RunNews> = {}): RunNews => ({
  configurationId: 'nc-1',
  trigger: 'run:needs_mfa',
  status: 'awaiting_apply_mfa',
  at: new Date('2026-03-01T12:00:05Z'),
  by: 'mia',
  run: {
    id: 'run-1',
    url: 'https://gatehouse.example/app/acme/network/runs/run-1',
    message: 'Add workers',
    createdAt: new Date('2026-03-01T12:00:00Z'),
    createdBy: 'olga',
    workspaceId: 'ws-1',
    workspace: 'network',
    organization: 'acme',
    endReason: null,
  },
  mfa: { phase: 'apply', state: 'awaiting', serial, deadlineAt: new Date('2026-03-01T12:30:05Z'), triesLeft: 5 },
  ...more,
});

test("the generic payload is TFE's, with what is awaited, for which device, until when and where", () => {
  expect(genericPayload(news())).toEqual({
    payload_version: 1,
    notification_configuration_id: 'nc-1',
    run_url: 'https://gatehouse.example/app/acme/network/runs/run-1',
    run_id: 'run-1',
    run_message: 'Add workers',
    run_created_at: '2026-03-01T12:00:00.000Z',
    run_created_by: 'olga',
    workspace_id: 'ws-1',
    workspace_name: 'network',
    organization_name: 'acme',
    notifications: [
      {
        message: 'Run Needs an AWS MFA Code',
        trigger: 'run:needs_mfa',
        run_status: 'apply_queued',
        run_updated_at: '2026-03-01T12:00:05.000Z',
        run_updated_by: 'mia',
        gatehouse_status: 'awaiting_mfa',
        end_reason: null,
        mfa: {
          phase: 'apply',
          state: 'awaiting',
          device: 'arn:aws:iam::********9012:mfa/olga',
          deadline_at: '2026-03-01T12:30:05.000Z',
          attempts_left: 5,
          url: 'https://gatehouse.example/app/acme/network/runs/run-1',
        },
      },
    ],
  });
});

test('a verification has the same fields, and none of a run', () => {
  const verification = genericVerification({ id: 'nc-1', name: 'ours' });
  expect(Object.keys(verification)).toEqual(Object.keys(genericPayload(news())));
  expect(verification).toMatchObject({
    payload_version: 1,
    notification_configuration_id: 'nc-1',
    run_id: null,
    notifications: [{ trigger: 'verification', message: 'Verification of ours', run_status: null }],
  });
});

test('to Slack goes a text with the link to the run, its status and what is awaited', () => {
  const payload = JSON.stringify(slackPayload(news()));
  for (const part of [
    '*acme/network*',
    '<https://gatehouse.example/app/acme/network/runs/run-1|run-1>',
    'waits for a code of `…9012:mfa/olga` until 2026-03-01T12:30:05.000Z',
    'Status `awaiting_mfa` by mia',
    'Add workers',
  ]) {
    expect(payload).toContain(part);
  }
  expect(payload).not.toContain('123456789012');
});

test("words of people hold no markup of Slack's, and no second line", () => {
  const { run } = news();
  const payload = JSON.stringify(
    slackPayload(news({ run: { ...run, message: '<!channel> & <https://x|y>\n*Status*' } })),
  );
  expect(payload).toContain('&lt;!channel&gt; &amp; &lt;https://x|y&gt; *Status*');
  expect(payload).not.toContain('<!channel>');
});

test('the signature is the HMAC-SHA512 of RFC 4231, test case 2, and of the bytes of the body', () => {
  expect(notificationSignature(new Secret('Jefe'), 'what do ya want for nothing?')).toBe(
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  );
  const body = '{"name":"Zoë"}';
  const expected = createHmac('sha512', 'token').update(Buffer.from(body, 'utf8')).digest('hex');
  expect(notificationSignature(new Secret('token'), body)).toBe(expected);
});
