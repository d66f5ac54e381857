// Test files get this module when they import fast-check. A file that imports it in another way would draw random cases.
const fastCheck = require('../../node_modules/fast-check/lib/cjs/fast-check.js');

/**
 * Every run of `npm test` draws the same cases for property tests, so that a red test is the fault of the change that it tests. Run
 * them with PROPERTY_SEED=random from time to time, as `npm run test:properties` does, to draw cases that nobody has tried.
 */
const SEED = 20_261_129;

/** The default of fast-check is twice as many. */
const RUNS = 50;

const { PROPERTY_SEED } = process.env;
if (PROPERTY_SEED !== 'random') fastCheck.configureGlobal({ seed: Number(PROPERTY_SEED ?? SEED), numRuns: RUNS });

module.exports = fastCheck;
