import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vite';
import page from '../vite.config.ts';

/** Every component in every state, for development and for the browser tests; not part of the product. */
export default defineConfig((environment) =>
  mergeConfig(page(environment), {
    root: fileURLToPath(new URL('.', import.meta.url)),
    publicDir: fileURLToPath(new URL('../public', import.meta.url)),
    base: '/',
    build: { sourcemap: false, emptyOutDir: true },
  }),
);
