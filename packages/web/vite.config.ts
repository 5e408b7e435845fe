import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `vite` serves the page in development and passes the API on to a running Gatehouse. */
export default defineConfig(({ mode }) => ({
  plugins: [react()],
  // Naming conditions replaces Vite's own, so they stand here too.
  resolve: {
    conditions: ['gatehouse-source', 'module', 'browser', mode === 'production' ? 'production' : 'development'],
  },
  build: {
    target: 'es2024',
    // The policy allows no data: address.
    assetsInlineLimit: 0,
    sourcemap: true,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    proxy: { '/api': { target: process.env['GATEHOUSE_URL'] ?? 'http://127.0.0.1:8080', changeOrigin: true } },
  },
}));
