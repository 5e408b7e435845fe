import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { maxStateBytes } from '../domain/state-file.ts';
import type { CapabilityDependencies } from '../services/capability.ts';
import { receiveState, receiveStateJson } from '../services/receive-state.ts';
import { maxStateJsonBytes } from '../services/state-json.ts';
import { openStateUpload, type StateUpload } from '../services/state-upload-urls.ts';
import type { StoreStateDependencies } from '../services/store-state-version.ts';
import { acceptRawBodies, rawBody } from './raw-body.ts';
import { offerSnapshots } from './snapshot-interval.ts';

/** The second step of a state's upload, with its right of access in the path. Register without a sign-in. */
export const stateUploadRoutes: FastifyPluginAsyncZod<StoreStateDependencies & CapabilityDependencies> = async (
  app,
  dependencies,
) => {
  acceptRawBodies(app);
  offerSnapshots(app);
  const schema = {
    tags: ['State versions'],
    security: [],
    consumes: ['application/octet-stream'],
    params: z.object({ capability: z.string() }),
  };
  const open = (capability: string, upload: StateUpload): string => {
    const id = openStateUpload(dependencies, capability, upload);
    if (id === undefined) throw new GatehouseError('not_found', 'This upload address is not valid, or is over.');
    return id;
  };

  app.put(
    '/uploads/state-versions/:capability',
    {
      schema: {
        ...schema,
        summary: 'Upload the state of a state version',
        description: 'The address is the `hosted-state-upload-url` of a state version. The body is the state file.',
      },
    },
    async (request, reply) => {
      const id = open(request.params.capability, 'state');
      await receiveState(dependencies, { id, body: rawBody(request, maxStateBytes, 'A state') });
      return reply.status(200).send();
    },
  );

  app.put(
    '/uploads/state-versions-json/:capability',
    {
      schema: {
        ...schema,
        summary: 'Upload the JSON of a state version',
        description:
          'The address is the `hosted-json-state-upload-url` of a state version. The body is what `terraform show -json` ' +
          'prints of the state. It may come before the state, after it, or not at all.',
      },
    },
    async (request, reply) => {
      const id = open(request.params.capability, 'json');
      await receiveStateJson(dependencies, { id, body: rawBody(request, maxStateJsonBytes, 'The JSON of a state') });
      return reply.status(200).send();
    },
  );
};
