/**
 * The way of a sample has one direction (docs/architecture.md). A rule keeps it so, not memory.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const FRONT_DOORS =
  'custom-metrics|metric-declarations|metric-removal|history|unleash-sdk|otlp|prometheus-push|prometheus-api|health';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing uses.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.spec\\.ts$', '^src/database/data-source\\.ts$', '^src/(main|cli|index)\\.ts$', '\\.d\\.ts$'],
      },
      to: {},
    },
    {
      name: 'nothing-imports-a-front-door',
      comment: 'Only what composes the application knows the front doors.',
      severity: 'error',
      from: { path: `^src/([^/]+)/`, pathNot: `^src/(?:${FRONT_DOORS})/` },
      to: { path: `^src/(?:${FRONT_DOORS})/` },
    },
    {
      name: 'front-doors-do-not-know-each-other',
      comment: 'What two of them need belongs below them.',
      severity: 'error',
      from: { path: `^src/(${FRONT_DOORS})/` },
      to: { path: `^src/(?:${FRONT_DOORS})/`, pathNot: '^src/$1/' },
    },
    {
      name: 'catalog-is-the-foundation',
      comment: 'The catalog knows labels and ids, and nothing of where samples come from or go.',
      severity: 'error',
      from: { path: '^src/catalog/' },
      to: { path: '^src/', pathNot: '^src/(?:catalog|database|outside-text)/|^src/custom-metrics\\.options\\.ts$' },
    },
    {
      name: 'outside-text-stands-alone',
      comment: 'Every way in reads text with it, so it knows none of them.',
      severity: 'error',
      from: { path: '^src/outside-text/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^src/outside-text/' },
    },
    {
      name: 'exposition-does-not-know-the-store',
      comment: 'Live values are applied by the store after the commit; the page reads them and nothing else.',
      severity: 'error',
      from: { path: '^src/exposition/' },
      to: { path: '^src/(?:sample-store|ingestion)/' },
    },
    {
      name: 'store-does-not-know-ingestion',
      comment: 'Samples go down, not up.',
      severity: 'error',
      from: { path: '^src/sample-store/' },
      to: { path: '^src/(?:ingestion|api-tokens|http)/' },
    },
    {
      name: 'sql-only-in-repositories',
      comment: 'All SQL of a folder is in its *.repository.ts, so only those hold a DataSource.',
      severity: 'error',
      from: {
        path: '^src/(?!database/)[^/]+/',
        pathNot: '\\.(?:repository|entity)\\.ts$|^src/api-tokens/token-commands\\.ts$|\\.spec\\.ts$',
      },
      to: { path: '^node_modules/(?:typeorm|pg)/' },
    },
    {
      name: 'module-does-not-read-the-environment',
      comment: 'The module is also used inside other apps: its settings are options.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(?:config|logging)/|^src/(?:main|cli|server|app\\.module|openapi-file|metrics-port|promql-port|welcome)\\.ts$|^src/database/data-source\\.ts$',
      },
      to: { path: '^src/(?:config|logging)/' },
    },
    {
      name: 'promql-is-pure',
      comment: 'The language knows neither Nest nor SQL.',
      severity: 'error',
      from: { path: '^src/promql/' },
      to: { path: '^node_modules/(?:@nestjs|typeorm|pg)/' },
    },
    {
      name: 'client-stands-alone',
      comment: 'It runs in browsers, and is no more than its own bytes.',
      severity: 'error',
      from: { path: '^client/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^client/' },
    },
    {
      name: 'server-does-not-know-the-client',
      comment: 'They meet on the wire.',
      severity: 'error',
      from: { path: '^(?:src|migrations)/' },
      to: { path: '^client/' },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: '^(?:src|client)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(?:test|bench)/|\\.spec\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
