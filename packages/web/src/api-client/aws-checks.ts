import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { attributesDocument, one, resource } from './json-api.ts';

export const probeOutcomes = ['passed', 'warned', 'failed', 'skipped'] as const;
export type ProbeOutcome = (typeof probeOutcomes)[number];

const result = z.object({
  probe: z.string(),
  outcome: z.enum(probeOutcomes),
  title: z.string(),
  detail: z.string(),
  policy: z.nullable(z.record(z.string(), z.unknown())),
});
const check = resource('aws-checks', {
  state: z.enum(['waiting', 'claimed', 'finished']),
  results: z.nullable(z.array(result)),
});

/** What one question to AWS found. `policy`: a statement to paste, where that is what helps. */
export type ProbeResult = {
  probe: string;
  outcome: ProbeOutcome;
  title: string;
  detail: string;
  policy: object | null;
};

export type AwsCheck = { id: string; state: 'waiting' | 'claimed' | 'finished'; results: readonly ProbeResult[] };

/** Whose keys and device are looked at; with an environment also its variables and its role. */
export type CheckSubject = {
  organization: string;
  identity: 'organization' | 'own';
  environmentId: string | undefined;
};

/** Answers with what was found, or after some seconds with a check that waits still. `code` is spent by it. */
export async function startCheck(api: Api, subject: CheckSubject, code: string | undefined): Promise<AwsCheck> {
  const path = `/organizations/${encodeURIComponent(subject.organization)}/aws-checks`;
  const document = attributesDocument('aws-checks', {
    identity: subject.identity,
    'workspace-id': subject.environmentId,
    'token-code': code,
  });
  return checkOf((await api.send('POST', path, document, one(check))).data);
}

export async function readCheck(api: Api, id: string, signal?: AbortSignal): Promise<AwsCheck> {
  return checkOf((await api.get(`/aws-checks/${id}`, one(check), signal)).data);
}

function checkOf({ id, attributes }: z.output<typeof check>): AwsCheck {
  return { id, state: attributes.state, results: attributes.results ?? [] };
}
