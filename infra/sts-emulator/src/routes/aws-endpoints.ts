import type { FastifyInstance } from 'fastify';
import type { EmulatorState } from '../emulator-state.ts';
import { lambda } from '../services/lambda.ts';
import { ssm, ssmAction } from '../services/ssm.ts';
import { sts, stsAction } from '../services/sts.ts';
import { answerCall, wireRequest } from './answer-call.ts';

// One address for all services, as clients are told by AWS_ENDPOINT_URL_STS, …_LAMBDA and …_SSM.

export function registerAwsEndpoints(app: FastifyInstance, state: EmulatorState): void {
  app.register(async (scope) => {
    // The signature covers the bytes of the body, so they are kept as they came.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.route({
      method: ['GET', 'POST'],
      url: '/',
      handler: (request, reply) => {
        const wire = wireRequest(request);
        const target = wire.headers['x-amz-target'];
        return target === undefined
          ? answerCall(state, sts, stsAction(wire), wire, reply)
          : answerCall(state, ssm, ssmAction(target), wire, reply);
      },
    });
    scope.post('/2015-03-31/functions/:name/invocations', (request, reply) =>
      answerCall(state, lambda, 'Invoke', wireRequest(request), reply),
    );
  });
}
