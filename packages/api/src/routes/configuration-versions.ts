import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { configurationUploadUrl, type UploadUrlDependencies } from '../services/configuration-upload-url.ts';
import { createConfigurationVersion } from '../services/create-configuration-version.ts';
import { readConfiguration } from '../services/read-configuration.ts';
import { requireVisible } from '../services/require-visible.ts';
import type { UploadDependencies } from '../services/upload-configuration.ts';
import { type ConfigurationVersion, findConfigurationVersion } from '../store/configuration-versions.ts';
import { idParameter } from './fields.ts';
import {
  documentSchema,
  reference,
  requestDocument,
  resourceSchema,
  timestamp,
  timestampOf,
  toOne,
} from './json-api.ts';

type Dependencies = UploadUrlDependencies & Pick<UploadDependencies, 'database' | 'blobs'>;

const configurationVersionSchema = resourceSchema(
  'configuration-versions',
  {
    status: z.enum(['pending', 'uploaded', 'errored', 'archived']),
    'error-message': z.string().nullable(),
    'auto-queue-runs': z.boolean(),
    speculative: z.boolean(),
    provisional: z.boolean(),
    source: z.string(),
    'created-at': timestamp,
    'status-timestamps': z.object({ 'uploaded-at': timestamp.optional() }),
    /** Only while the archive is awaited. */
    'upload-url': z.string().nullable(),
  },
  { relationships: z.object({ workspace: toOne('workspaces') }), links: z.object({ download: z.string().optional() }) },
);

const newConfigurationVersion = requestDocument(
  z
    .strictObject({
      'auto-queue-runs': z.boolean().default(true),
      speculative: z.boolean().default(false),
      provisional: z.boolean().default(false),
    })
    .prefault({}),
);

const tags = ['Configuration versions'];

export const configurationVersionRoutes: FastifyPluginAsyncZod<Dependencies> = async (app, dependencies) => {
  const visible = (actor: Actor, id: string) =>
    requireVisible(
      dependencies.database,
      actor,
      findConfigurationVersion(dependencies.database, id),
      `configuration version ${id}`,
    );

  app.post(
    '/workspaces/:id/configuration-versions',
    {
      schema: {
        tags,
        summary: 'Create a configuration version, which then awaits its archive at `upload-url`',
        params: idParameter,
        body: newConfigurationVersion,
        response: { 201: documentSchema(configurationVersionSchema) },
      },
    },
    async (request, reply) => {
      const { attributes } = request.body.data;
      const version = await createConfigurationVersion(dependencies, request.actor, {
        workspaceId: request.params.id,
        speculative: attributes.speculative,
        autoQueueRuns: attributes['auto-queue-runs'],
        provisional: attributes.provisional,
      });
      return reply.status(201).send({ data: show(dependencies, version) });
    },
  );

  app.get(
    '/configuration-versions/:id',
    {
      schema: {
        tags,
        summary: 'Read a configuration version',
        params: idParameter,
        response: { 200: documentSchema(configurationVersionSchema) },
      },
    },
    async (request) => ({ data: show(dependencies, visible(request.actor, request.params.id)) }),
  );

  app.get(
    '/configuration-versions/:id/download',
    {
      schema: {
        tags,
        summary: 'Download the archive of a configuration version',
        produces: ['application/gzip'],
        params: idParameter,
      },
    },
    async (request, reply) => {
      const { id } = visible(request.actor, request.params.id);
      const archive = await readConfiguration(dependencies, id);
      return reply
        .type('application/gzip')
        .header('content-disposition', `attachment; filename="${id}.tar.gz"`)
        .send(archive);
    },
  );
};

function show(dependencies: Dependencies, version: ConfigurationVersion): z.input<typeof configurationVersionSchema> {
  const isUploaded = version.status === 'uploaded';
  return {
    id: version.id,
    type: 'configuration-versions',
    attributes: {
      status: version.status,
      'error-message': version.errorMessage,
      'auto-queue-runs': version.autoQueueRuns,
      speculative: version.speculative,
      provisional: version.provisional,
      source: 'tfe-api',
      'created-at': timestampOf(version.createdAt),
      'status-timestamps':
        isUploaded && version.uploadedAt !== null ? { 'uploaded-at': timestampOf(version.uploadedAt) } : {},
      'upload-url': version.status === 'pending' ? configurationUploadUrl(dependencies, version.id) : null,
    },
    relationships: { workspace: reference('workspaces', version.workspaceId) },
    links: isUploaded ? { download: `/api/v2/configuration-versions/${version.id}/download` } : {},
  };
}
