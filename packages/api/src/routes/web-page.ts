import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { pagePolicy } from '@gatehouse/shared/page-policy';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';

/** Names of organizations, workspaces and runs have no dots: what ends like a file is one. */
const fileName = /\.[a-z0-9]{1,10}$/;

const noPage = `This Gatehouse has no web page: it was not built, or GATEHOUSE_WEB_DIR names another folder.
The API is at /api/v2, and told at /api/v2/docs.
`;

/**
 * The built web page: its files, and `index.html` for every address that a browser opens and nothing else answers, since
 * the page itself knows its addresses. Register it last; `webDir` may be missing.
 */
export const webPageRoutes: FastifyPluginAsync<{ config: { webDir: string } }> = async (app, { config }) => {
  await app.register(fastifyStatic, { root: config.webDir, serve: false });
  const index = path.join(config.webDir, 'index.html');

  app.get<{ Params: { '*': string } }>('/*', { schema: { hide: true } }, async (request, reply) => {
    const file = request.params['*'];
    if (file.startsWith('api/') || (await leadsOut(config.webDir, file))) return reply.callNotFound();
    // Names under assets/ hold a hash of what is in them; the others are few and small.
    if (file.startsWith('assets/')) return reply.sendFile(file, { immutable: true, maxAge: '365d' });
    if (fileName.test(file) && file !== 'index.html') return reply.sendFile(file, { maxAge: '1h' });
    if (!wantsPage(request)) return reply.callNotFound();
    return existsSync(index) ? sendPage(reply) : reply.type('text/plain; charset=utf-8').send(noPage);
  });
};

/** Over a link that was left in the folder. What is missing, or no path at all, is told by whoever sends it. */
async function leadsOut(folder: string, file: string): Promise<boolean> {
  try {
    const [root, target] = await Promise.all([realpath(folder), realpath(path.join(folder, file))]);
    return target !== root && !target.startsWith(`${root}${path.sep}`);
  } catch {
    return false;
  }
}

function wantsPage(request: FastifyRequest): boolean {
  // A browser says text/html; curl without an Accept of its own is told about the page at the root only.
  const { accept = '' } = request.headers;
  return accept.includes('text/html') || request.url.split('?')[0] === '/';
}

function sendPage(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', pagePolicy)
    .header('cache-control', 'no-cache')
    .sendFile('index.html', { cacheControl: false });
}
