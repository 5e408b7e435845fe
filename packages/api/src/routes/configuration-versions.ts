import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import {
  archiveConfiguration,
  requireDownloadable,
  requireVisibleConfiguration,
} from '../services/archive-configuration.ts';
import type { UploadUrlDependencies } from '../services/configuration-upload-url.ts';
import { createConfigurationVersion } from '../services/create-configuration-version.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import { readConfiguration } from '../services/read-configuration.ts';
import type { UploadDependencies } from '../services/upload-configuration.ts';
import { requireVisibleRun } from '../services/visible-run.ts';
import { listConfigurationVersions } from '../store/configuration-versions.ts';
import { configurationVersionResource, configurationVersionSchema } from './configuration-version-resource.ts';
import { idParameter } from './fields.ts';
import { includeQuery, includesOf } from './includes.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';

type Dependencies = UploadUrlDependencies & Pick<UploadDependencies, 'database' | 'blobs'>;

const newConfigurationVersion = requestDocument(
  z
    .strictObject({
      'auto-queue-runs': z.boolean().default(true),
      speculative: z.boolean().default(false),
      provisional: z.boolean().default(false),
    })
    .prefault({}),
);

/** What go-tfe may ask for; a version comes from no commit, so there is nothing to include. */
const includable = ['ingress_attributes', 'run'] as const;

const tags = ['Configuration versions'];

export const configurationVersionRoutes: FastifyPluginAsyncZod<Dependencies> = async (app, dependencies) => {
  const { database } = dependencies;

  app.get(
    '/workspaces/:id/configuration-versions',
    {
      schema: {
        tags,
        summary: 'The configuration versions of a workspace, newest first',
        params: idParameter,
        querystring: pageQuery.extend(includeQuery.shape),
        response: { 200: listSchema(configurationVersionSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace } = await requireWorkspace(database, actor, params);
      includesOf(query.include, includable);
      const { versions, totalCount } = listConfigurationVersions(database, workspace.id, pageOf(query));
      const data = versions.map((version) => configurationVersionResource(dependencies, version));
      return listDocument(data, totalCount, query);
    },
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
      return reply.status(201).send({ data: configurationVersionResource(dependencies, version) });
    },
  );

  app.get(
    '/configuration-versions/:id',
    {
      schema: {
        tags,
        summary: 'Read a configuration version',
        params: idParameter,
        querystring: includeQuery,
        response: { 200: documentSchema(configurationVersionSchema) },
      },
    },
    async ({ actor, params, query }) => {
      includesOf(query.include, includable);
      const version = requireVisibleConfiguration(database, actor, params.id);
      return { data: configurationVersionResource(dependencies, version) };
    },
  );

  app.post(
    '/configuration-versions/:id/actions/archive',
    {
      schema: {
        tags,
        summary: 'Drop the files of a configuration version',
        description: 'Owners only. Refused for the newest of a workspace, and while a run that is not over uses it.',
        params: idParameter,
        body: z.unknown().optional(),
        response: { 202: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      await archiveConfiguration(dependencies, actor, params.id);
      return reply.status(202).send(null);
    },
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
    async ({ actor, params }, reply) => sendArchive(reply, actor, params.id),
  );

  app.get(
    '/runs/:id/configuration-version/download',
    {
      schema: {
        tags,
        summary: 'Download the archive that a run works on',
        produces: ['application/gzip'],
        params: idParameter,
      },
    },
    async ({ actor, params }, reply) => {
      const run = requireVisibleRun(database, actor, params.id);
      return sendArchive(reply, actor, run.configurationVersionId);
    },
  );

  async function sendArchive(reply: FastifyReply, actor: Actor, configurationVersionId: string) {
    const { id } = requireDownloadable(database, actor, configurationVersionId);
    const archive = await readConfiguration(dependencies, id);
    return reply
      .type('application/gzip')
      .header('content-disposition', `attachment; filename="${id}.tar.gz"`)
      .send(archive);
  }
};
