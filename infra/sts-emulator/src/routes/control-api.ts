import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ZodError, z } from 'zod';
import type { EmulatorState } from '../emulator-state.ts';
import { DuplicateError } from '../state/accounts.ts';
import { addFault, faultSchema } from '../state/faults.ts';
import { describeSession } from '../state/sessions.ts';
import { registerAccountControls } from './account-controls.ts';
import { ControlError } from './control-error.ts';
import { registerDeviceControls } from './device-controls.ts';
import { registerPolicyControls } from './policy-controls.ts';
import { registerServiceControls } from './service-controls.ts';

// What AWS has no door for: faults, the journal, clocks. JSON, under /_emulator/, for programs on the same machine.

export function registerControlApi(app: FastifyInstance, state: EmulatorState, controlToken: string | undefined): void {
  app.register(
    async (scope) => {
      scope.addHook('onRequest', async (request) => guard(request, controlToken));
      scope.setErrorHandler((error, _request, reply) => {
        const { statusCode, message } = describeError(error);
        return reply.status(statusCode).send({ error: message });
      });
      scope.get('/health', async () => ({ status: 'ok', now: state.clock().toISOString() }));
      registerFaultControls(scope, state);
      registerJournalControls(scope, state);
      registerSessionControls(scope, state);
      registerDeviceControls(scope, state);
      registerAccountControls(scope, state);
      registerPolicyControls(scope, state);
      registerServiceControls(scope, state);
    },
    { prefix: '/_emulator' },
  );
}

function registerFaultControls(scope: FastifyInstance, { faults }: EmulatorState): void {
  scope.get('/faults', async () => ({ faults: faults.active }));
  scope.post('/faults', async (request, reply) =>
    reply.status(201).send(addFault(faults, faultSchema.parse(request.body))),
  );
  scope.delete('/faults', async (_request, reply) => {
    faults.active = [];
    return reply.status(204).send();
  });
  scope.delete('/faults/:id', async (request, reply) => {
    const { id } = z.object({ id: z.coerce.number() }).parse(request.params);
    faults.active = faults.active.filter((fault) => fault.id !== id);
    return reply.status(204).send();
  });
}

function registerJournalControls(scope: FastifyInstance, { journal }: EmulatorState): void {
  scope.get('/journal', async (request) => {
    const { action } = z.object({ action: z.string().optional() }).parse(request.query);
    return { calls: journal.entries.filter((entry) => action === undefined || entry.action === action) };
  });
  scope.delete('/journal', async (_request, reply) => {
    journal.entries = [];
    return reply.status(204).send();
  });
}

function registerSessionControls(scope: FastifyInstance, state: EmulatorState): void {
  const { sessions, account } = state;
  const find = (request: FastifyRequest) => {
    const { accessKeyId } = z.object({ accessKeyId: z.string() }).parse(request.params);
    const session = sessions.get(accessKeyId);
    if (session === undefined) throw new ControlError(404, `no session ${accessKeyId}`);
    return session;
  };
  scope.put('/session-seconds', async (request) => {
    account.sessionSeconds =
      z.strictObject({ seconds: z.int().min(1).nullable() }).parse(request.body).seconds ?? undefined;
    return { seconds: account.sessionSeconds ?? null };
  });
  scope.get('/sessions', async () => ({
    sessions: [...sessions.values()].map((session) => describeSession(session, account.accountId)),
  }));
  scope.get('/sessions/:accessKeyId', async (request) => describeSession(find(request), account.accountId));
  scope.post('/sessions/:accessKeyId/expire', async (request) => {
    const session = find(request);
    session.expiresAt = state.clock();
    return describeSession(session, account.accountId);
  });
}

/** Only the same machine, by a local name: a page in a browser must not reach it through a name that it controls. */
function guard(request: FastifyRequest, controlToken: string | undefined): void {
  if (!isLoopback(request.ip) || !isLocalName(request.hostname)) {
    throw new ControlError(403, 'the control API answers to the same machine only');
  }
  if (request.headers.origin !== undefined) throw new ControlError(403, 'the control API is not for web pages');
  if (controlToken === undefined) return;
  const [given, wanted] = [request.headers.authorization ?? '', `Bearer ${controlToken}`].map((text) =>
    Buffer.from(text),
  );
  if (
    given === undefined ||
    wanted === undefined ||
    given.length !== wanted.length ||
    !timingSafeEqual(given, wanted)
  ) {
    throw new ControlError(401, 'the control API wants its token');
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '');
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name));
}

function describeError(error: unknown): { statusCode: number; message: string } {
  if (error instanceof ControlError) return error;
  if (error instanceof DuplicateError) return { statusCode: 409, message: error.message };
  if (error instanceof ZodError) {
    // Paths and rules only: the values may be secrets.
    return {
      statusCode: 422,
      message: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    };
  }
  const statusCode = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return { statusCode, message: error instanceof Error ? error.message : 'internal error' };
}
