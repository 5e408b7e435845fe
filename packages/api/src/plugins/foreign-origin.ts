import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyRequest } from 'fastify';

const readMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Against requests forged by another site: a browser sends our cookie along with them, and their own Origin. Browsers
 * name the origin of every write, so a write without one is refused too. Throws `forbidden`.
 */
export function refuseForeignOrigin(request: FastifyRequest, publicUrl: string): void {
  if (readMethods.includes(request.method)) return;
  const { origin } = request.headers;
  if (origin !== undefined && (origin === new URL(publicUrl).origin || hostOf(origin) === request.headers.host)) return;
  throw new GatehouseError('forbidden', 'A write with a session cookie must come from the page of this Gatehouse.');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
