import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { serveFolder } from './gallery-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    galleryUrl: string;
  }
}

/** Builds the gallery once, as the product is built, and serves it under the page's policy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(path.join(tmpdir(), 'gatehouse-gallery-'));
  // Under vitest it is `test`, which would build React for development: twice as slow, and every effect twice.
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  await build({
    configFile: fileURLToPath(new URL('../../gallery/vite.config.ts', import.meta.url)),
    build: { outDir, emptyOutDir: true },
    mode: 'production',
    logLevel: 'error',
  });
  process.env['NODE_ENV'] = before;
  const server = await serveFolder(outDir);
  project.provide('galleryUrl', server.url);
  return async () => {
    await server.close();
    await rm(outDir, { recursive: true, force: true });
  };
}
