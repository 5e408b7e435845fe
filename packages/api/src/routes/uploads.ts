import { archiveLimits } from '@gatehouse/shared/configuration-archive';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { CapabilityDependencies } from '../services/capability.ts';
import { openUploadCapability } from '../services/configuration-upload-url.ts';
import { type UploadDependencies, uploadConfiguration } from '../services/upload-configuration.ts';
import { acceptRawBodies, rawBody } from './raw-body.ts';

/** Uploads whose right of access is in the path: clients send no Authorization there. Register without a sign-in. */
export const uploadRoutes: FastifyPluginAsyncZod<
  UploadDependencies & CapabilityDependencies & { clock: Clock }
> = async (app, dependencies) => {
  acceptRawBodies(app);
  app.put(
    '/uploads/configuration-versions/:capability',
    {
      schema: {
        tags: ['Configuration versions'],
        summary: 'Upload the archive of a configuration version',
        description: 'The address is the `upload-url` of a configuration version. The body is a tar.gz.',
        security: [],
        consumes: ['application/octet-stream'],
        params: z.object({ capability: z.string() }),
      },
    },
    async (request, reply) => {
      const id = openUploadCapability(dependencies, request.params.capability);
      if (id === undefined) throw new GatehouseError('not_found', 'This upload address is not valid, or is over.');
      const body = rawBody(request, archiveLimits.uploadBytes, 'A configuration archive');
      await uploadConfiguration(dependencies, { id, body });
      return reply.status(200).send();
    },
  );
};
