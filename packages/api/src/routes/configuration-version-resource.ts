import { z } from 'zod';
import { configurationUploadUrl, type UploadUrlDependencies } from '../services/configuration-upload-url.ts';
import type { ConfigurationVersionRow } from '../store/configuration-versions.ts';
import { configurationStatuses } from '../store/schema/workspaces.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

const statusTimestamps = {
  'queued-at': timestamp.optional(),
  'started-at': timestamp.optional(),
  'finished-at': timestamp.optional(),
  'uploaded-at': timestamp.optional(),
  'archived-at': timestamp.optional(),
};

export const configurationVersionSchema = resourceSchema(
  'configuration-versions',
  {
    status: z.enum(configurationStatuses),
    'error-message': z.string().nullable(),
    'auto-queue-runs': z.boolean(),
    speculative: z.boolean(),
    provisional: z.boolean(),
    source: z.string(),
    'created-at': timestamp,
    'status-timestamps': z.object(statusTimestamps),
    /** Only while the archive is awaited. */
    'upload-url': z.string().nullable(),
  },
  {
    relationships: z.object({
      workspace: toOne('workspaces'),
      /** Of a commit; there are no repositories here. */
      'ingress-attributes': z.object({ data: z.null() }),
    }),
    links: z.object({ self: z.string(), download: z.string().optional() }),
  },
);

export function configurationVersionResource(
  dependencies: UploadUrlDependencies,
  version: ConfigurationVersionRow,
): z.input<typeof configurationVersionSchema> {
  const self = `/api/v2/configuration-versions/${version.id}`;
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
      'status-timestamps': timesOf(version),
      'upload-url': version.status === 'pending' ? configurationUploadUrl(dependencies, version.id) : null,
    },
    relationships: {
      workspace: reference('workspaces', version.workspaceId),
      'ingress-attributes': { data: null },
    },
    links: version.status === 'uploaded' ? { self, download: `${self}/download` } : { self },
  };
}

function timesOf({ status, uploadedAt, archivedAt }: ConfigurationVersionRow) {
  // While the version is pending `uploadedAt` says since when it is being uploaded, and of an errored one when it failed.
  const isUploaded = status === 'uploaded' || status === 'archived';
  // go-tfe reads when its processing was queued, started and finished, which here is one with the upload.
  const at = isUploaded && uploadedAt !== null ? timestampOf(uploadedAt) : undefined;
  return {
    ...(at && { 'queued-at': at, 'started-at': at, 'finished-at': at, 'uploaded-at': at }),
    ...(archivedAt !== null ? { 'archived-at': timestampOf(archivedAt) } : {}),
  };
}
