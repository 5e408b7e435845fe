/** Of `npm run test:faults` and `npm run test:hostile`; `npm test` takes a choice of their rows. */
export const isWholeSuite = process.env['GATEHOUSE_SUITE'] === 'whole';

/** Whether the table goes into its page: not where only some files run. */
export const writesTable = process.env['GATEHOUSE_SUITE_TABLE'] === 'yes';

/**
 * Where everything random in the suites begins. GATEHOUSE_TEST_SEED brings a run back; without it a whole suite takes a
 * new one, which it prints, and `npm test` always the same.
 */
export const suiteSeed = Number(process.env['GATEHOUSE_TEST_SEED'] ?? 1);
