import type { FastifyInstance } from 'fastify';
import type { EmulatorState } from '../emulator-state.ts';
import { lambdaFunctionSchema } from '../seed.ts';
import { ControlError } from './control-error.ts';

// What the services hold, so that a test can see what was done and what was not. Values of parameters stay inside.

export function registerServiceControls(scope: FastifyInstance, { functions, parameters }: EmulatorState): void {
  scope.get('/functions', async () => ({
    functions: [...functions.values()].map(({ name, invocations }) => ({ name, invocations })),
  }));
  scope.post('/functions', async (request, reply) => {
    const wanted = lambdaFunctionSchema.parse(request.body);
    if (functions.has(wanted.name)) throw new ControlError(409, `function ${wanted.name} exists`);
    functions.set(wanted.name, { ...wanted, invocations: 0 });
    return reply.status(201).send({ name: wanted.name, invocations: 0 });
  });
  scope.get('/parameters', async () => ({
    parameters: [...parameters.values()].map(({ name, type, version }) => ({ name, type, version })),
  }));
}
