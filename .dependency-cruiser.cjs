/**
 * A sample goes in one direction: receivers → ingestion → catalog → sample store → live values, and queries read
 * (docs/architecture.md). These rules enforce this direction.
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** Every room of `src/`, and the rooms that its files may import. A room that is missing here may not import anything. */
const ROOMS = {
  'outside-text': [],
  database: [],
  scheduling: ['database'],
  settings: [],
  refusals: ['database', 'scheduling', 'settings'],
  http: ['database', 'outside-text', 'refusals', 'scheduling', 'settings'],
  catalog: ['database', 'outside-text', 'scheduling', 'settings'],
  'live-values': ['catalog'],
  'sample-store': ['catalog', 'database', 'live-values', 'outside-text', 'scheduling', 'settings'],
  forwarding: [
    'catalog',
    'database',
    'live-values',
    'outside-text',
    'prometheus-messages',
    'sample-store',
    'scheduling',
    'settings',
  ],
  'api-tokens': ['catalog', 'database', 'http', 'outside-text', 'refusals', 'scheduling', 'settings'],
  'database-change': ['api-tokens', 'catalog', 'database', 'live-values', 'sample-store', 'scheduling', 'settings'],
  ingestion: [
    'api-tokens',
    'catalog',
    'database',
    'live-values',
    'outside-text',
    'refusals',
    'sample-store',
    'scheduling',
    'settings',
  ],
  receivers: [
    'api-tokens',
    'catalog',
    'database',
    'forwarding',
    'http',
    'ingestion',
    'live-values',
    'outside-text',
    'refusals',
    'scheduling',
    'settings',
  ],
  promql: [],
  'prometheus-messages': [],
  queries: [
    'api-tokens',
    'catalog',
    'database',
    'http',
    'live-values',
    'outside-text',
    'prometheus-messages',
    'promql',
    'sample-store',
    'scheduling',
    'settings',
  ],
  admin: [
    'api-tokens',
    'catalog',
    'database',
    'http',
    'outside-text',
    'queries/selection',
    'refusals',
    'sample-store',
    'settings',
  ],
};

const OPTIONS = 'custom-metrics\\.options\\.ts$';

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports-only-what-it-stands-on`,
  comment:
    'Samples and knowledge go in one direction; .dependency-cruiser.cjs lists the rooms that each room may import.',
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '\\.spec\\.ts$' },
  to: {
    path: '^src/',
    pathNot: [
      `^src/(?:${[room, ...allowed].join('|')})/`,
      ...(allowed.includes('settings') ? [`^src/${OPTIONS}`] : []),
    ],
  },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'every-room-has-a-rule',
      comment: 'A new folder of src/ needs a line in the list of rooms.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(?:${Object.keys(ROOMS).join('|')}|server)/` },
      to: {},
    },
    {
      name: 'receivers-do-not-know-each-other',
      comment: 'Code that two receivers need belongs in a room below them.',
      severity: 'error',
      from: { path: '^src/receivers/([^/]+)/' },
      to: { path: '^src/receivers/', pathNot: '^src/receivers/$1/' },
    },
    {
      name: 'queries-do-not-know-each-other',
      comment:
        'Code that two of them need belongs in a room below them. There are two exceptions: the history lists live values as the exposition ' +
        'writes them, and queries/in-process offers all queries of the routes to the code of an app.',
      severity: 'error',
      from: { path: '^src/queries/([^/]+)/', pathNot: '^src/queries/in-process/' },
      to: {
        path: '^src/queries/',
        pathNot: ['^src/queries/$1/', '^src/queries/selection/', '^src/queries/exposition/'],
      },
    },
    {
      name: 'only-the-server-knows-the-environment',
      comment: 'The module is also used inside other apps, so its settings are options.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/' },
      to: { path: '^src/server/' },
    },
    {
      name: 'promql-is-pure',
      comment: 'The query language depends on neither Nest nor SQL.',
      severity: 'error',
      from: { path: '^src/promql/' },
      to: { path: '^node_modules/(?:@nestjs|typeorm|pg)/' },
    },
    {
      name: 'sql-only-in-repositories',
      comment: 'All SQL of a folder is in its *.repository.ts, so only these files use a DataSource.',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: [
          '^src/database/',
          '^src/server/(?:database|embedded-postgres)/',
          '^src/server/(?:cli|token-commands)\\.ts$',
          '\\.(?:repository|entity|module)\\.ts$',
          '\\.spec\\.ts$',
        ],
      },
      to: { path: '^node_modules/(?:typeorm|pg)/' },
    },
    {
      name: 'client-stands-alone',
      comment: 'The client runs in browsers, so it must stay small and have no dependencies.',
      severity: 'error',
      from: { path: '^client/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^client/' },
    },
    {
      name: 'server-does-not-know-the-client',
      comment: 'The server and the client communicate only over HTTP.',
      severity: 'error',
      from: { path: '^(?:src|migrations)/' },
      to: { path: '^client/' },
    },
    {
      name: 'explorer-stands-alone',
      comment: 'The explorer knows the server only by its HTTP routes, as every other page could.',
      severity: 'error',
      from: { path: '^explorer/' },
      to: { path: '^(?:src|migrations|client|test|bench)/' },
    },
    {
      name: 'nobody-knows-the-explorer',
      comment: 'The server serves the built files and does not import their sources.',
      severity: 'error',
      from: { path: '^(?:src|migrations|client)/' },
      to: { path: '^explorer/' },
    },
    {
      name: 'no-test-code-in-production',
      comment: 'The build does not contain the tests.',
      severity: 'error',
      from: { path: '^(?:src|client|explorer)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(?:test|bench)/|\\.spec\\.ts$' },
    },
    {
      name: 'no-circular',
      comment: 'Two files that import each other belong together, or need a third file. This also applies to types.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports this file.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.spec\\.ts$',
          '^src/server/database/data-source\\.ts$',
          '^src/server/(main|cli)\\.ts$',
          '\\.d\\.ts$',
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^client/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
