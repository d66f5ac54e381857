const shared = {
  testEnvironment: 'node',
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
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
  globalSetup: '<rootDir>/test/setup/postgres.mjs',
  globalTeardown: '<rootDir>/test/setup/postgres-stop.mjs',
};

/** @type {import('jest').Config} */
export default {
  maxWorkers: '100%',
  testTimeout: 240_000,
  projects: [
    { ...shared, displayName: 'unit', roots: ['<rootDir>/src', '<rootDir>/client'], testRegex: '\\.spec\\.ts$' },
    {
      ...againstTheBuild,
      displayName: 'e2e',
      roots: ['<rootDir>/test'],
      testPathIgnorePatterns: ['<rootDir>/test/hostile/'],
    },
    // It measures how long the service keeps a client waiting, so it runs after the other tests and not beside them.
    { ...againstTheBuild, displayName: 'hostile', roots: ['<rootDir>/test/hostile'] },
  ],
};
