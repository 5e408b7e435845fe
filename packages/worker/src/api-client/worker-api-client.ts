import { type CheckClaim, checkClaim } from '@gatehouse/shared/check-claim';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Secret } from '@gatehouse/shared/secret';
import {
  type ChallengeClaim,
  challengeClaim,
  type Heartbeat,
  type HeartbeatAnswer,
  heartbeatAnswer,
  type PhaseClaim,
  phaseClaim,
  workerApiPath,
} from '@gatehouse/shared/worker-api';
import type { z } from 'zod';
import { once, type Patience, send } from './http.ts';

/** What the fleet's token may ask; see the table in `@gatehouse/shared/worker-api`. */
export type WorkerApi = {
  heartbeat(beat: Heartbeat): Promise<HeartbeatAnswer>;
  /** undefined: nothing to exchange any more (409). */
  claimChallenge(challengeId: string, attempt: number): Promise<ChallengeClaim | undefined>;
  /** undefined: nobody waits for it any more (409). */
  claimCheck(checkId: string): Promise<CheckClaim | undefined>;
  /** undefined: somebody else has it, or it is over (409). */
  claimPhase(runId: string, phase: Phase): Promise<PhaseClaim | undefined>;
};

/** Somebody waits for the answer about a code, or a set-up: 10 s in all, STS included. */
const challengePatience: Patience = { tries: 2, firstDelayMs: 200 };
/** An api that restarts; when it stays away its sweep queues the phase again, or gives up what was claimed unheard. */
const phasePatience: Patience = { tries: 5, firstDelayMs: 500 };

export function createWorkerApi(options: { apiUrl: string; workerToken: Secret; workerId: string }): WorkerApi {
  const { workerToken: token, workerId } = options;
  const baseUrl = options.apiUrl + workerApiPath;

  /**
   * A claim answered by nobody may still have been made. That of a phase is answered again, by its id; that of a code or a
   * check finds 409, and the sweep takes care.
   */
  async function claim<T>(
    path: string,
    body: object,
    schema: z.ZodType<T>,
    patience: Patience,
  ): Promise<T | undefined> {
    try {
      const response = await send(baseUrl, {
        method: 'POST',
        path,
        token,
        body: json(body),
        patience,
        timeoutMs: 5_000,
      });
      return await parseAnswer(response, schema, `POST ${path}`);
    } catch (error) {
      if (isGatehouseError(error, 'conflict') || isGatehouseError(error, 'invalid_transition')) return undefined;
      throw error;
    }
  }

  return {
    async heartbeat(beat) {
      const path = `/workers/${workerId}/heartbeat`;
      const response = await send(baseUrl, {
        method: 'POST',
        path,
        token,
        body: json(beat),
        patience: once,
        timeoutMs: 5_000,
      });
      return parseAnswer(response, heartbeatAnswer, `POST ${path}`);
    },
    claimChallenge: (challengeId, attempt) =>
      claim(`/challenges/${challengeId}/claim`, { workerId, attempt }, challengeClaim, challengePatience),
    claimCheck: (checkId) => claim(`/aws-checks/${checkId}/claim`, { workerId }, checkClaim, challengePatience),
    claimPhase: (runId, phase) =>
      claim(`/runs/${runId}/phases/${phase}/claim`, { workerId, claimId: newId('claim') }, phaseClaim, phasePatience),
  };
}

const json = (body: object) => ({ type: 'application/json', bytes: JSON.stringify(body) });

async function parseAnswer<T>(response: Response, schema: z.ZodType<T>, what: string): Promise<T> {
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new GatehouseError('internal', `The api's answer to ${what} has another form than agreed (${where}).`);
}
