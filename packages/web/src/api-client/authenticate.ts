import { type ErrorCode, errorCodes } from '@gatehouse/shared/error-codes';
import * as z from 'zod/mini';
import { type Api, anything } from './api.ts';
import { many, resource } from './json-api.ts';
import type { DeviceOwner } from './mfa.ts';

/**
 * Sends a code for one run. It stands in the body alone and nothing here keeps it. Resolves when AWS has accepted it, or
 * has not answered for long: then the run says `exchanging`. Throws the reason of a refusal.
 */
export async function authenticateRun(
  api: Api,
  input: { runId: string; code: string; device: DeviceOwner; confirmName?: string | undefined },
): Promise<void> {
  const path = `/runs/${encodeURIComponent(input.runId)}/actions/authenticate`;
  await api.send(
    'POST',
    path,
    {
      'token-code': input.code,
      device: input.device,
      ...(input.confirmName === undefined ? {} : { 'confirm-name': input.confirmName }),
    },
    anything,
  );
}

export type BatchOutcome = {
  runId: string;
  outcome: 'authenticated' | 'exchanging' | 'failed';
  error: { code: ErrorCode | undefined; title: string; detail: string } | undefined;
};

const outcomes = many(
  resource('mfa-outcomes', {
    'run-id': z.string(),
    outcome: z.enum(['authenticated', 'exchanging', 'failed']),
    error: z.nullable(z.object({ code: z.string(), title: z.string(), detail: z.string() })),
  }),
);

/** One code for several runs of one device: each has an outcome of its own. */
export async function authenticateRuns(
  api: Api,
  input: { organization: string; runIds: readonly string[]; code: string; device: DeviceOwner },
): Promise<BatchOutcome[]> {
  const { data } = await api.send(
    'POST',
    `/organizations/${encodeURIComponent(input.organization)}/actions/authenticate`,
    { 'run-ids': input.runIds, 'token-code': input.code, device: input.device },
    outcomes,
  );
  return data.map(({ attributes }) => ({
    runId: attributes['run-id'],
    outcome: attributes.outcome,
    error: attributes.error === null ? undefined : { ...attributes.error, code: knownCode(attributes.error.code) },
  }));
}

function knownCode(code: string): ErrorCode | undefined {
  // Object.hasOwn does not narrow a key.
  return Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : undefined;
}
