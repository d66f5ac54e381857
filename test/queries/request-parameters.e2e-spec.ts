import { encodeCursor } from '../../src/queries/history/samples/cursor.js';
import { FaultFinder, type Sent } from '../support/fault-finder.js';
import { NASTY_ENCODED_VALUES, NASTY_JSON_VALUES, NASTY_NUMBERS, NASTY_VALUES } from '../support/nasty-values.js';
import { type OpenApiOperation, openApiOperations } from '../support/openapi-operations.js';
import { push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/**
 * Number of hostile values for each parameter. Different parameters get different values. `FUZZ_ALL=1` sends all values to every
 * parameter.
 */
const VALUES_PER_PARAMETER = process.env.FUZZ_ALL === '1' ? Infinity : 8;

/** Number of values for each header of each route. It is small, because most routes handle the headers alike. */
const VALUES_PER_HEADER = process.env.FUZZ_ALL === '1' ? Infinity : 2;

/** Routes whose answer is an endless stream. */
const ENDLESS = new Set(['/api/client/streaming', '/api/history/live']);

/** Values for the parameters that are not under test, so that the tested value is processed as far as possible. */
const DEFAULTS: Readonly<Record<string, string>> = {
  name: 'orders_total',
  id: '2147483647',
  grouping: 'fuzz',
  metric: 'orders_total',
  label: 'app=a',
  from: '-1h',
  to: 'now',
  query: 'orders_total',
  start: '0',
  end: '60',
  step: '60',
  'match[]': 'orders_total',
  dryRun: 'true',
};

describe('parameters of every route in the OpenAPI document', () => {
  const operations = openApiOperations().filter(({ path }) => !ENDLESS.has(path));
  let database: TestDatabase;
  let server: TestServer;
  let client: FaultFinder;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, PUSHGATEWAY_PATHS: 'true' });
    client = new FaultFinder(server.url);
    await push(server, [
      { name: 'orders_total', value: 3, labels: { app: 'a' } },
      { name: 'depth', type: 'gauge', value: 3, labels: { app: 'b' } },
    ]);
  });

  afterAll(async () => {
    client?.close();
    await server?.kill();
    await database?.drop();
  });

  async function expectNoFaults(requests: readonly Sent[]): Promise<void> {
    expect((await client.faultsOf(requests)).slice(0, 20)).toEqual([]);
  }

  /** Each sample of values continues where the last one ended, so that together they contain all values. */
  let offset = 0;
  function sampleOf<T>(values: readonly T[], count = VALUES_PER_PARAMETER): T[] {
    const length = Math.min(count, values.length);
    offset += length;
    return Array.from({ length }, (_, index) => values[(offset + index) % values.length]!);
  }

  /** Returns a request to a route, with one parameter set to one or more values that are already encoded for a URL. */
  function requestWith(operation: OpenApiOperation, parameter: string, encoded: string | readonly string[]): Sent {
    const values = typeof encoded === 'string' ? [encoded] : encoded;
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
      name === parameter ? values[0]! : DEFAULTS[name]!,
    );
    const query = operation.parameters
      .filter(
        ({ in: place, required, name }) => place === 'query' && (required || name === parameter || name === 'dryRun'),
      )
      .flatMap(({ name }) =>
        (name === parameter ? values : [encodeURIComponent(DEFAULTS[name] ?? '1')]).map((value) => `${name}=${value}`),
      );
    return { method: operation.method, path: path + (query.length > 0 ? `?${query.join('&')}` : '') };
  }

  it('answers every nasty value in a query or a path with less than 500', async () => {
    const requests = operations.flatMap((operation) =>
      operation.parameters
        .filter(({ in: place }) => place !== 'header')
        .flatMap(({ name, in: place, schema }) => [
          ...(schema.type === 'number' ? NASTY_NUMBERS : []).map((value) =>
            requestWith(operation, name, encodeURIComponent(value)),
          ),
          ...sampleOf(NASTY_ENCODED_VALUES).map((value) => requestWith(operation, name, value)),
          ...(place === 'query'
            ? [
                requestWith(operation, name, ['1', '2']),
                requestWith(
                  operation,
                  name,
                  Array.from({ length: 500 }, () => 'a'),
                ),
                // PHP and the "extended" query parser of Express convert these to objects and lists.
                requestWith(operation, name, [`1&${name}[b]=c&${name}[]=d&${name}.x=1`]),
              ]
            : []),
        ]),
    );
    expect(requests.length).toBeGreaterThan(500);
    await expectNoFaults(requests);
  });

  it('answers every nasty value in a header with less than 500', async () => {
    const values = NASTY_VALUES.filter((value) => /^[\t\x20-\x7e]{0,1000}$/.test(value));
    const headers = ['Accept', 'Accept-Encoding', 'Content-Type', 'Content-Encoding', 'If-None-Match', 'Range'];
    const requests = operations.flatMap((operation) =>
      [
        ...headers,
        ...operation.parameters.filter(({ in: place }) => place === 'header').map(({ name }) => name),
      ].flatMap((header) =>
        sampleOf(values, VALUES_PER_HEADER).map((value) => ({
          ...requestWith(operation, '', ''),
          headers: { 'Content-Type': 'application/json', [header]: value },
          body: ['POST', 'PUT'].includes(operation.method) ? '{"metrics":[{"name":"h","value":1}]}' : undefined,
        })),
      ),
    );
    await expectNoFaults(requests);
  });

  it('answers every nasty value in a form with less than 500, however long it is', async () => {
    const byGet = new Map(operations.map((operation) => [`${operation.method} ${operation.path}`, operation]));
    const forms = operations.filter(
      ({ method, path }) => method === 'POST' && byGet.has(`GET ${path}`) && path.startsWith('/api/v1/'),
    );
    const values = [
      ...NASTY_VALUES,
      'x'.repeat(100_000),
      '('.repeat(100_000),
      '9'.repeat(100_000),
      '-'.repeat(100_000),
    ];
    const requests = forms.flatMap(({ path }) => {
      const { parameters } = byGet.get(`GET ${path}`)!;
      return parameters.flatMap(({ name }) =>
        sampleOf(values).map((value) => ({
          method: 'POST',
          path: path.replace('{name}', 'app'),
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(
            parameters
              .filter((each) => each.required || each.name === name)
              .map(
                (each) => [each.name, each.name === name ? value : (DEFAULTS[each.name] ?? '1')] as [string, string],
              ),
          ).toString(),
        })),
      );
    });
    expect(forms.length).toBeGreaterThan(4);
    await expectNoFaults(requests);
  });

  it('answers every nasty property of an admin body with less than 500', async () => {
    const valid: Record<string, unknown> = { name: 'fuzz', scopes: ['read'], type: 'counter' };
    const requests = operations
      .filter(({ path, bodyProperties }) => path.startsWith('/api/admin/') && bodyProperties.length > 0)
      .flatMap((operation) =>
        operation.bodyProperties.flatMap((property) =>
          sampleOf(NASTY_JSON_VALUES, 4 * VALUES_PER_PARAMETER).map((value) => ({
            ...requestWith(operation, '', ''),
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({
              ...Object.fromEntries(
                operation.bodyProperties.filter((each) => each in valid).map((each) => [each, valid[each]]),
              ),
              [property]: value,
            }),
          })),
        ),
      );
    expect(requests.length).toBeGreaterThan(200);
    await expectNoFaults(requests);
  });

  it('answers forged cursors with 400', async () => {
    const numbers = [0, -1, 0.5, 1e308, -1e308, 2 ** 53, 8.64e15, -8.64e15, 8.64e15 + 1, 1e15];
    const none = null;
    const positions = numbers.flatMap((a) => numbers.map((b) => [a, b, b, a, b]));
    const cursors = [
      ...positions.map((position) => [
        'samples?metric=orders_total',
        encodeCursor(['samples', 'orders_total', [], none, none], position),
      ]),
      ...positions.map((position) => [
        'series?metric=orders_total',
        encodeCursor(['series', 'orders_total', []], position.slice(0, 1)),
      ]),
      ...['\0', '\ud800', 'x'.repeat(500)].map((name) => ['metrics?limit=1', encodeCursor(['metrics', none], [name])]),
    ].map(([path, cursor]) => ({ method: 'GET', path: `/api/history/${path}&cursor=${cursor}` }));
    const rows = positions.map((position) => ({
      method: 'GET',
      path: `/api/admin/custom-metrics?cursor=${encodeCursor(['minutes', none, none], position.slice(0, 4))}`,
    }));
    await expectNoFaults([...cursors, ...rows]);
  });

  it('refuses unknown parameters on every history and admin route, and says which name is meant', async () => {
    const routes = operations.filter(({ path }) => /^\/api\/(?:history|admin)\//.test(path));
    expect(routes.length).toBeGreaterThan(8);
    for (const operation of routes) {
      const { method, path } = requestWith(operation, '', '');
      const url = `${path}${path.includes('?') ? '&' : '?'}nonsense=1`;
      const json = {
        headers: { 'Content-Type': 'application/json' },
        body: path.includes('/rename') ? '{"to":"x"}' : '{"name":"x","scopes":["read"],"type":"counter"}',
      };
      const { status, text } = await client.send({ method, path: url, ...(['POST', 'PUT'].includes(method) && json) });
      expect([method, url, status, text]).toEqual([method, url, 400, expect.stringContaining('/query/nonsense')]);
    }
  });

  it.each([
    ['/api/history/query?metric=orders_total&groupby=app', 'Did you mean groupBy?'],
    ['/api/history/query?metric=orders_total&labels=app=a', 'Did you mean label?'],
    [
      '/api/history/samples?metric=orders_total&zzz=1',
      'Known here: cursor, format, from, label, limit, locale, metric, order, to, tz.',
    ],
    ['/api/history/samples?metric=orders_total&label[]=app=a', 'Did you mean label?'],
    ['/api/history/series?metric=orders_total&__proto__=1', '/query/__proto__'],
    ['/api/history/series?metric=orders_total&constructor=1', '/query/constructor'],
  ])('refuses %s: %s', async (path, hint) => {
    const { status, text } = await client.send({ method: 'GET', path });
    expect([status, text]).toEqual([400, expect.stringContaining(hint)]);
  });

  it.each([
    ['POST', '/api/admin/tokens', { name: 'x', scopes: ['read'], expiresIn: '90d' }, 'Did you mean expiresAt?'],
    ['POST', '/api/admin/tokens', { name: 'x', scopes: ['read'], scope: 'read' }, 'Did you mean scopes?'],
    ['PUT', '/api/admin/metrics/orders_total', { type: 'counter', temporalty: 'delta' }, 'Did you mean temporality?'],
  ])('refuses an unknown property in %s %s %j', async (method, path, body, hint) => {
    const headers = { 'Content-Type': 'application/json' };
    const { status, text } = await client.send({ method, path, headers, body: JSON.stringify(body) });
    expect([status, text]).toEqual([400, expect.stringContaining(hint)]);
  });

  it.each(['text/csv; charset=utf-8', 'text/csv;q=0.9, application/json;q=0.5', 'text/*', 'text/csv, */*'])(
    'sends CSV for Accept: %s',
    async (accept) => {
      const path = '/api/history/samples?metric=orders_total';
      const { status, headers } = await client.send({ method: 'GET', path, headers: { Accept: accept } });
      expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/csv')]);
    },
  );
});
