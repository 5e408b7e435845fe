import { type ErrorCode, errorCodes } from '@gatehouse/shared/error-codes';
import { type GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { jsonApiMediaType } from '../domain/media-type.ts';
import { fieldErrors } from './field-errors.ts';
import { isStorageTrouble } from './storage-trouble.ts';

export type ApiError = {
  code: ErrorCode;
  detail: string;
  source?: { pointer: string } | { parameter: string };
  retryAfterSeconds?: number | undefined;
};

/** Every error of every route, in JSON:API's form. What went wrong inside is logged, not told. */
export const errorHandler = fastifyPlugin(async (app: FastifyInstance) => {
  app.setErrorHandler(async (error: FastifyError, request, reply) =>
    sendErrors(request, reply, (await tooManyWrongTokens(error, request)) ?? apiErrors(error, request)),
  );
  app.setNotFoundHandler((request, reply) =>
    sendErrors(request, reply, [{ code: 'not_found', detail: `There is no ${request.method} on this path.` }]),
  );
});

/** Of API tokens, job tokens and the worker token alike. A sign-in that is over is no guess: the page has to hear of it. */
async function tooManyWrongTokens(error: FastifyError, request: FastifyRequest): Promise<ApiError[] | undefined> {
  if (!isGatehouseError(error, 'unauthorized') || request.headers.authorization === undefined) return undefined;
  const retryAfterSeconds = await request.server.countWrongToken?.(request);
  if (retryAfterSeconds === undefined) return undefined;
  return [{ code: 'too_many_requests', detail: 'Too many wrong tokens came from this address.', retryAfterSeconds }];
}

/** For paths that the router itself refuses, before any plugin: nothing has an id so long, and `%zz` is no path. */
export function answerRefusedPath(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
  sendErrors(request, reply, [
    isTooLong
      ? { code: 'not_found', detail: `There is no ${request.method} on this path.` }
      : { code: 'invalid_request', detail: 'The path is not one that can be read.' },
  ]);
}

function apiErrors(error: FastifyError, request: FastifyRequest): ApiError[] {
  if (isGatehouseError(error)) return [fromGatehouseError(error, request)];
  if (isStorageTrouble(error)) {
    request.log.error({ err: error }, 'request failed');
    return [{ code: 'unavailable', detail: storageDetail, retryAfterSeconds: 5 }];
  }
  if (hasZodFastifySchemaValidationErrors(error)) return fieldErrors(error.validation, error.validationContext);
  const code = codeOfFastifyError(error);
  if (code === undefined) {
    request.log.error({ err: error }, 'request failed');
    return [{ code: 'internal', detail: hiddenDetail(request) }];
  }
  return [{ code, detail: detailOfFastifyError(code, error) }];
}

function fromGatehouseError(error: GatehouseError, request: FastifyRequest): ApiError {
  if (error.code === 'internal') {
    request.log.error({ err: error }, 'request failed');
    return { code: 'internal', detail: hiddenDetail(request) };
  }
  return {
    code: error.code,
    detail: error.message,
    ...(error.pointer === undefined ? {} : { source: { pointer: error.pointer } }),
    retryAfterSeconds: error.retryAfterSeconds,
  };
}

const storageDetail =
  'Gatehouse cannot use the disk of its data at the moment, and has changed nothing. Try again later.';

function hiddenDetail(request: FastifyRequest): string {
  return `Something failed inside Gatehouse. Its log tells what, under the request id ${request.id}.`;
}

/** Fastify's own refusals, by its codes; undefined is a defect of ours. */
function codeOfFastifyError(error: FastifyError): ErrorCode | undefined {
  if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return 'malformed_json';
  // The parser's own error for `__proto__` has no code of Fastify's.
  if (error instanceof SyntaxError && error.statusCode === 400) return 'malformed_json';
  if (error.statusCode === 415) return 'unsupported_media_type';
  if (error.statusCode === 413) return 'too_large';
  if (error.statusCode === 503) return 'unavailable';
  if (error.statusCode === 404) return 'not_found';
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return 'invalid_request';
  return undefined;
}

function detailOfFastifyError(code: ErrorCode, error: FastifyError): string {
  if (code === 'malformed_json') return 'The body is not JSON that can be read.';
  if (code === 'unsupported_media_type')
    return 'Send JSON with the content type application/vnd.api+json or application/json.';
  if (code === 'unavailable') return 'Gatehouse is too busy at the moment. Try again in a few seconds.';
  return error.message;
}

function sendErrors(request: FastifyRequest, reply: FastifyReply, errors: ApiError[]): FastifyReply {
  const status = errors[0] === undefined ? 500 : errorCodes[errors[0].code].status;
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="Gatehouse"');
  const retryAfterSeconds = errors[0]?.retryAfterSeconds;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // A refused upload leaves its connection half read; a later request on it would hang (seen on keep-alive clients).
  if (status === 413) reply.header('connection', 'close');
  return reply
    .status(status)
    .header('content-type', jsonApiMediaType)
    .header('x-request-id', request.id)
    .serializer(JSON.stringify)
    .send({
      errors: errors.map(({ code, detail, source, retryAfterSeconds: after }) => ({
        status: String(errorCodes[code].status),
        code,
        title: errorCodes[code].title,
        detail,
        ...(source === undefined ? {} : { source }),
        ...(after === undefined ? {} : { meta: { 'retry-after-seconds': after } }),
      })),
    });
}
