import type { AddressInfo } from 'node:net';
import { newId } from '@gatehouse/shared/ids';
import type { MfaLevel } from '@gatehouse/shared/mfa-level';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Outcome } from '@gatehouse/shared/worker-reports';
import { createParser } from 'eventsource-parser';
import { claimPhase } from '../src/services/claim-phase.ts';
import { recordWorkerReport } from '../src/services/record-worker-report.ts';
import { findChallengeOfPhase } from '../src/store/challenges.ts';
import { configurationVersions } from '../src/store/schema/workspaces.ts';
import { pageVisitor } from './page-visitor.ts';
import { startApi } from './running-api.ts';

export const serial = 'arn:aws:iam::123456789012:mfa/ops-alice';

export type StreamMessage = { id: string | undefined; event: string; data: Record<string, unknown> };

/** The api with organization acme, whose owner olga and member mia look at the page, and `other`, which is sam's. */
export async function startPageWorld() {
  const api = await startApi();
  const [olga, mia, sam] = [
    await pageVisitor(api, 'olga'),
    await pageVisitor(api, 'mia'),
    await pageVisitor(api, 'sam'),
  ];
  const anna = await pageVisitor(api, 'anna', { isSiteAdmin: true });
  await api.organization('acme', { owner: olga, member: mia });
  await api.organization('other', { owner: sam });
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_MFA_SERIAL_NUMBER: serial };
  const secret = { AWS_SECRET_ACCESS_KEY: 'not/a/real/secret/but/as/long/as/one1234' };
  for (const [organization, owner] of [
    ['acme', olga],
    ['other', sam],
  ] as const) {
    for (const [key, value] of Object.entries({ ...keys, ...secret })) {
      await api.as(owner).post(`/organizations/${organization}/vars`, { key, value, category: 'env' });
    }
  }

  let count = 0;
  async function workspace(level: MfaLevel, more: { organization?: 'acme' | 'other' } = {}) {
    const organization = more.organization ?? 'acme';
    const attributes = { name: `ws-${++count}`, 'mfa-level': level };
    const owner = organization === 'acme' ? olga : sam;
    const made = (await api.as(owner).post(`/organizations/${organization}/workspaces`, attributes)).data();
    const at = api.clock.now();
    const cv = { id: newId('configurationVersion'), workspaceId: made.id, status: 'uploaded' as const };
    api.database
      .insert(configurationVersions)
      .values({ ...cv, createdAt: at, uploadedAt: at })
      .run();
    return { id: made.id, name: attributes.name, organization };
  }

  function runBody(workspaceId: string, attributes: object = {}) {
    return { data: { attributes, relationships: { workspace: { data: { id: workspaceId } } } } };
  }

  async function run(of: { id: string; organization?: string }, attributes: object = {}) {
    const who = of.organization === 'other' ? sam : mia;
    const answer = await who.post('/runs', runBody(of.id, attributes));
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.data();
  }

  /** A worker takes the phase and reports; `destroys` many resources. */
  async function work(runId: string, phase: Phase, more: { hasChanges?: boolean; destroys?: number } = {}) {
    const { claimId } = await claimPhase(api.parts, { runId, phase, workerId: 'worker-1' });
    const outcome: Outcome = {
      kind: 'finished',
      hasChanges: more.hasChanges ?? true,
      resourceAdditions: 2,
      resourceChanges: 1,
      resourceDestructions: more.destroys ?? 0,
      resourceImports: 0,
    };
    await recordWorkerReport(api.parts, { type: 'phase_finished', runId, phase, claimId, outcome });
  }

  /** AWS accepts the code that is in exchange, or would be: who gave it is `mia`. */
  async function accept(runId: string, phase: Phase) {
    const challenge = findChallengeOfPhase(api.database, runId, phase);
    await recordWorkerReport(api.parts, {
      type: 'mfa_authenticated',
      challengeId: challenge?.id ?? '',
      attempt: challenge?.attempt ?? 0,
      accessKeyId: 'ASIATEST',
      expiresAt: new Date(api.clock.now().getTime() + 3_600_000).toISOString(),
    });
  }

  await api.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = api.app.server.address() as AddressInfo; // A string only for a unix socket.

  /** Follows a stream; `until` resolves with all so far when it says that it is enough. */
  async function listen(path: string, headers: Record<string, string>) {
    const stop = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v2${path}`, { headers, signal: stop.signal });
    const all: StreamMessage[] = [];
    const waiting = new Set<() => void>();
    let isOver = false;
    const parser = createParser({
      onEvent: ({ id, event, data }) => all.push({ id, event: event ?? '', data: JSON.parse(data) }),
    });
    const decoder = new TextDecoder();
    const reading = (async () => {
      try {
        for await (const chunk of answer.body ?? []) {
          parser.feed(decoder.decode(chunk, { stream: true }));
          for (const look of waiting) look();
        }
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      } finally {
        isOver = true;
        for (const look of waiting) look();
      }
    })();
    return {
      status: answer.status,
      headers: answer.headers,
      all,
      /** Resolves with the first message that fits; throws when the stream ends without one. */
      async until(fits: (message: StreamMessage) => boolean): Promise<StreamMessage> {
        for (;;) {
          const found = all.find(fits);
          if (found !== undefined) return found;
          if (isOver) throw new Error(`the stream ended after ${JSON.stringify(all)}`);
          await new Promise<void>((resolve) => {
            const look = () => {
              waiting.delete(look);
              resolve();
            };
            waiting.add(look);
          });
        }
      },
      ended: reading,
      async close() {
        stop.abort();
        await reading;
      },
    };
  }

  return { ...api, olga, mia, sam, anna, workspace, runBody, run, work, accept, listen, port };
}

export type PageWorld = Awaited<ReturnType<typeof startPageWorld>>;
