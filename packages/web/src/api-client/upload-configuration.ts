import * as z from 'zod/mini';
import type { Api, Fetch } from './api.ts';
import { errorOfAnswer, unreachable } from './api-error.ts';

const created = z.object({
  data: z.object({ id: z.string(), attributes: z.object({ 'upload-url': z.string() }) }),
});

/**
 * Uploads a tar.gz as a new configuration of an environment and gives its id. No run is queued by it. Throws
 * `configuration_invalid` with the reason, `too_large`.
 */
export async function uploadConfiguration(
  { api, fetch }: { api: Api; fetch: Fetch },
  workspaceId: string,
  archive: Blob,
  { isSpeculative }: { isSpeculative: boolean },
): Promise<string> {
  const { data } = await api.send(
    'POST',
    `/workspaces/${encodeURIComponent(workspaceId)}/configuration-versions`,
    {
      data: {
        type: 'configuration-versions',
        attributes: { 'auto-queue-runs': false, speculative: isSpeculative },
      },
    },
    created,
  );
  // The address names the public host, which may be another than the one that this page came from.
  const { pathname } = new URL(data.attributes['upload-url'], window.location.origin);
  const response = await fetch(pathname, {
    method: 'PUT',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/octet-stream' },
    body: archive,
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw errorOfAnswer(response.status, await response.json().catch(() => undefined));
  return data.id;
}
