import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

const readMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Against requests forged by another site: a browser sends our cookie along with them, and their own Origin. Browsers
 * name the origin of every write, so a write without one is refused too. Throws `forbidden`.
 */
export function refuseForeignOrigin(request: FastifyRequest, publicUrl: string): void {
  if (readMethods.includes(request.method) || isFromOurPage(request, publicUrl)) return;
  throw new GatehouseError('forbidden', 'A write with a session cookie must come from the page of this Gatehouse.');
}

/**
 * Where no cookie is read yet, as at the sign-in: programs name no origin, and the page of another site that does is
 * refused, or it could sign a person in as somebody else.
 */
export const refuseForeignPages = fastifyPlugin(async (app: FastifyInstance, options: { publicUrl: string }) => {
  app.addHook('onRequest', async (request) => {
    if (request.headers.origin !== undefined) refuseForeignOrigin(request, options.publicUrl);
  });
});

function isFromOurPage({ headers }: FastifyRequest, publicUrl: string): boolean {
  const { origin, host } = headers;
  // What a browser itself says of who asks; older ones say nothing.
  const site = headers['sec-fetch-site'];
  if (origin === undefined || (site !== undefined && site !== 'same-origin')) return false;
  const ours = new URL(publicUrl);
  if (origin === ours.origin) return true;
  // A page that came in clear could be anybody's.
  return hostOf(origin) === host && !(ours.protocol === 'https:' && origin.startsWith('http:'));
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
