import { availableParallelism } from 'node:os';

const shared = {
  testEnvironment: 'node',
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Three of four test files don't use fast-check, so it is not loaded by a setup file.
    '^fast-check$': '<rootDir>/test/setup/seeded-fast-check.cjs',
  },
  // These packages are written as ES modules, which Jest can't load as they are.
  transformIgnorePatterns: ['/node_modules/(?!(?:@nestjs|hysnappy)/)'],
  transform: {
    '\\.(ts|js)$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        },
      },
    ],
  },
};

const againstTheBuild = {
  ...shared,
  testRegex: '\\.e2e-spec\\.ts$',
  globalSetup: '<rootDir>/test/setup/shared.mjs',
  globalTeardown: '<rootDir>/test/setup/shared-stop.mjs',
};

/**
 * Tests of bad days that wait most of their time, and of the explorer at full size and in every combination. Together they would take
 * CI beyond its fifteen minutes, so they run by `npm run test:slow`. The short ledger in `npm test` injects most of the same faults, and the
 * other tests of the explorer contain small forms.
 */
const SLOW_TESTS = [
  'database/abandoned-sessions',
  'database/backup',
  'database/cuts-and-locks',
  'database/held-requests',
  'database/one-wait-for-the-store',
  'database/server-outages',
  'database/silent-connections',
  'database/silent-failover',
  'database/slow-database',
  'database/unusable-database',
  'explorer/accessibility',
  'explorer/axis-texts',
  'explorer/first-minute',
  'explorer/full-size',
  'explorer/outages',
  'forwarding/forwarding-away',
  'forwarding/forwarding-faults',
  'queries/crafted-numbers',
  'queries/exports-in-libreoffice',
  'queries/history-of-another-database',
  'queries/scrapes-beside-pushes',
  'receivers/idempotency-outage',
  'receivers/remote-write-fleet',
  'receivers/smallest-objects',
  'server/clients-that-break-off',
  'server/embedded-postgres-keeping',
  'server/embedded-postgres-recovery',
  'server/few-descriptors',
  'server/moved-data-folder',
  'server/slow-and-many-clients',
  'server/stopping-while-decoding',
  'server/very-many-series',
  'store/compaction-retry',
  'store/durability',
  'store/long-frozen-peers',
  'store/merge-turns-of-changes',
  'store/removal-under-load',
  'store/retention-under-load',
  'store/small-heap',
  'store/upgrade-from-chunks',
  'store/wrong-clocks',
].map((name) => `<rootDir>/test/${name}\\.e2e-spec\\.ts$`);

/** End-to-end tests wait for a large part of their time, so there are more workers than processors. */
const WORKERS = Math.ceil(availableParallelism() * 1.5);

/** @type {import('jest').Config} */
export default {
  maxWorkers: WORKERS,
  testTimeout: 240_000,
  testSequencer: '<rootDir>/test/setup/long-files-first.mjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      roots: ['<rootDir>/src', '<rootDir>/client', '<rootDir>/explorer'],
      testRegex: '\\.spec\\.ts$',
    },
    {
      ...againstTheBuild,
      displayName: 'e2e',
      roots: ['<rootDir>/test'],
      testPathIgnorePatterns: ['<rootDir>/test/hostile/', ...SLOW_TESTS],
    },
    {
      ...againstTheBuild,
      displayName: 'slow',
      roots: ['<rootDir>/test'],
      testRegex: SLOW_TESTS.map((pattern) => pattern.replace('<rootDir>/', '/')),
    },
    // This project measures how long the service keeps a client waiting, so it runs after the other tests and not at the same
    // time.
    { ...againstTheBuild, displayName: 'hostile', roots: ['<rootDir>/test/hostile'] },
  ],
};
