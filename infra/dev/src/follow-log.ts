import type { Phase } from '@gatehouse/shared/run-status';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { z } from 'zod';
import type { ApiClient } from './api-client.ts';

/** A Gatehouse that was away for longer than this is gone. */
const longestAwayMs = 30_000;
const betweenTriesMs = 300;

/**
 * Hands a phase's log on as it grows and resolves when it is complete. A broken connection is taken up again at the
 * byte where it broke. Throws when the log cannot be read, or is away for too long.
 */
export async function followLog(
  api: ApiClient,
  runId: string,
  phase: Phase,
  take: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  let offset = '0';
  let lastHeardAt = Date.now();
  let hasEnded = false;
  const parser = createParser({
    onEvent(event) {
      lastHeardAt = Date.now();
      offset = event.id ?? offset;
      hasEnded ||= event.event === 'end';
      take(textOf(event));
    },
  });
  while (!hasEnded) {
    signal?.throwIfAborted();
    try {
      await readOnce(api, `/api/v2/runs/${runId}/logs/${phase}`, offset, (chunk) => parser.feed(chunk), signal);
    } catch (error) {
      if (error instanceof LogRefused || Date.now() - lastHeardAt > longestAwayMs) throw error;
    }
    // What began and did not end before the connection broke will be sent again, whole.
    parser.reset();
    if (!hasEnded) await new Promise((resolve) => setTimeout(resolve, betweenTriesMs));
  }
}

class LogRefused extends Error {}

async function readOnce(
  api: ApiClient,
  path: string,
  offset: string,
  take: (chunk: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const response = await fetch(`${api.url}${path}`, {
    headers: { authorization: `Bearer ${api.token}`, accept: 'text/event-stream', 'last-event-id': offset },
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status >= 400 && response.status < 500) {
    throw new LogRefused(`The log at ${path} cannot be read: ${response.status} ${await response.text()}`);
  }
  if (!response.ok || response.body === null)
    throw new Error(`The log at ${path} was answered with ${response.status}.`);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) take(chunk);
}

function textOf({ event, data }: EventSourceMessage): string {
  if (event === 'log') return z.string().parse(JSON.parse(data));
  if (event === 'bytes') return Buffer.from(z.string().parse(JSON.parse(data)), 'base64').toString();
  if (event === 'gap') return '\n[a part of the log is lost]\n';
  return '';
}
