import { registerHooks } from 'node:module';

/**
 * The root's vitest.config.ts starts its workers with `--conditions import`, which Node applies to `require` too: a
 * CommonJS library that requires a dual one (@fastify/helmet → helmet) would get the ES module and fail. Here `require`
 * sees what it sees in production. Import this before the application.
 */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!context.conditions.includes('require')) return nextResolve(specifier, context);
    const conditions = context.conditions.filter((condition) => condition !== 'import');
    return nextResolve(specifier, { ...context, conditions });
  },
});
