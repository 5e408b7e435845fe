import * as z from 'zod/mini';
import type { Api } from './api.ts';
import { instant, one, resource } from './json-api.ts';

const forecast = z.object({
  'earlier-runs': z.int(),
  'p95-seconds': z.nullable(z.int()),
  'duration-seconds': z.int(),
  'expected-seconds': z.nullable(z.int()),
  'limit-seconds': z.int(),
  'is-enough': z.boolean(),
});
const trust = z.object({
  'role-arn': z.string(),
  'seen-at': instant,
  missing: z.array(z.string()),
  policy: z.record(z.string(), z.unknown()),
});
const awsSession = resource('aws-sessions', { plan: forecast, apply: forecast, trust: z.nullable(trust) });

/** How long the next session of a phase will be, and what earlier runs took. */
export type SessionForecast = {
  earlierRuns: number;
  p95Seconds: number | undefined;
  durationSeconds: number;
  /** With a margin; undefined: nothing to go by. */
  expectedSeconds: number | undefined;
  /** The longest that AWS gives to this kind of session. */
  limitSeconds: number;
  isEnough: boolean;
};

/** What a role's trust policy showed with its last session. `policy`: the whole one to paste. */
export type RoleTrust = { roleArn: string; seenAt: number; missing: readonly string[]; policy: object };

export type AwsSession = {
  plan: SessionForecast;
  apply: SessionForecast;
  /** undefined: there is no role, or it has had no session yet. */
  trust: RoleTrust | undefined;
};

/** Of what is saved for the environment. */
export async function readAwsSession(api: Api, environmentId: string, signal?: AbortSignal): Promise<AwsSession> {
  const { data } = await api.get(`/workspaces/${environmentId}/aws-session`, one(awsSession), signal);
  const { plan, apply, trust: seen } = data.attributes;
  return {
    plan: forecastOf(plan),
    apply: forecastOf(apply),
    trust:
      seen === null
        ? undefined
        : { roleArn: seen['role-arn'], seenAt: seen['seen-at'], missing: seen.missing, policy: seen.policy },
  };
}

function forecastOf(given: z.output<typeof forecast>): SessionForecast {
  return {
    earlierRuns: given['earlier-runs'],
    p95Seconds: given['p95-seconds'] ?? undefined,
    durationSeconds: given['duration-seconds'],
    expectedSeconds: given['expected-seconds'] ?? undefined,
    limitSeconds: given['limit-seconds'],
    isEnough: given['is-enough'],
  };
}
