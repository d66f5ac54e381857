import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { type FaultInjectingProxy, startFaultInjectingProxy } from '../support/fault-injecting-proxy.js';
import { type OpenApiOperation, openApiOperations } from '../support/openapi-operations.js';
import { RECEIVER_REQUESTS } from '../support/receiver-requests.js';
import { ADMIN_TOKEN, FRONTEND_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { setClock, settableClock } from '../support/settable-clock.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A wait that is longer, and one that is shorter than the three seconds after which an attempt to connect ends. */
const WAITS_MS = [4_000, 1_500];

/** A busy machine may answer this much later than promised. */
const TOLERANCE_MS = 1_000;

/** Number of requests that are sent at the same time, which is less than the pool has connections. */
const AT_ONCE = 5;

/** The route that answers from memory, and so without Postgres. */
const FROM_MEMORY = 'GET /api/admin/custom-metrics/prometheus';

/** Routes that read or delete samples, so that they can't be answered while the tables of samples are locked. */
const SAMPLES_NEEDED =
  /^GET \/api\/(?:history\/(?:samples|query|breakdown)|admin\/custom-metrics|v1\/query(?:_range)?)$|^DELETE \/api\/admin\/metrics/;

const PARAMETERS: Readonly<Record<string, string>> = {
  name: 'held_total',
  id: '2147483647',
  metric: 'held_total',
  label: 'app=a',
  from: '-1h',
  to: 'now',
  limit: '10',
};

const BODIES: Readonly<Record<string, unknown>> = {
  '/api/admin/tokens': { name: 'held', scopes: ['read'] },
  '/api/admin/metrics/{name}': { type: 'counter' },
  '/api/admin/metrics/{name}/rename': { to: 'renamed_total' },
  '/api/history/sparklines': { metrics: ['held_total'] },
};

interface Sent {
  readonly route: string;
  readonly send: () => Promise<Response>;
}

interface Held {
  readonly route: string;
  readonly status: number;
  readonly hasRetryAfter: boolean;
  readonly ms: number;
}

describe.each(WAITS_MS)('requests during an outage, which may be held for %i ms', (waitMs) => {
  const longestMs = waitMs + TOLERANCE_MS;
  let database: TestDatabase;
  let client: pg.Client;
  let proxy: FaultInjectingProxy;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    proxy = await startFaultInjectingProxy(database.url);
    server = await startServer({
      DATABASE_URL: proxy.url,
      STORE_WAIT_MS: String(waitMs),
      PUSHGATEWAY_PATHS: 'true',
      INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
      COMPACTION_INTERVAL_SECONDS: '3600',
      ...settableClock(),
    });
    expect((await push(server, [item])).status).toBe(202);
  });

  afterAll(async () => {
    await server.kill();
    await proxy.stop();
    await client.end();
    await database.drop();
  });

  const item = { name: 'held_total', value: 1, labels: { app: 'a' } };

  /** Every route for history and administration. The one left out is a stream that stays open. */
  const adminRoutes = openApiOperations()
    .filter(({ path }) => /^\/api\/(?:history|admin)\//.test(path) && path !== '/api/history/live')
    .map((operation) => requestTo(operation));

  /** Queries in PromQL, which read samples as the history does. */
  const promqlRoutes: Sent[] = ['query?query=held_total', 'query_range?query=held_total&start=0&end=600&step=60'].map(
    (target) => ({
      route: `GET /api/v1/${target.split('?')[0]!}`,
      send: () => fetch(`${server.url}/api/v1/${target}`, { headers: { Authorization: ADMIN_TOKEN } }),
    }),
  );

  const receivers: Sent[] = [
    { route: 'POST /api/client/metrics/custom', send: () => push(server, [item]) },
    ...RECEIVER_REQUESTS.map(({ method, path, type, token, body }) => ({
      route: `${method} ${path} ${type}`,
      send: () =>
        fetch(server.url + path, {
          method,
          headers: {
            Authorization: token,
            'Content-Type': type,
            ...(path === '/api/v1/write' && { 'Content-Encoding': 'snappy' }),
          },
          body,
        }),
    })),
  ];

  function requestTo({ method, path, parameters }: OpenApiOperation): Sent {
    const query = parameters
      .filter(({ in: place, required }) => place === 'query' && required)
      .map(({ name }) => `${name}=${encodeURIComponent(PARAMETERS[name]!)}`);
    const target = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => PARAMETERS[name]!);
    return {
      route: `${method} ${path}`,
      send: () =>
        fetch(`${server.url}${target}${query.length > 0 ? `?${query.join('&')}` : ''}`, {
          method,
          headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
          ...(['POST', 'PUT'].includes(method) && { body: JSON.stringify(BODIES[path] ?? {}) }),
        }),
    };
  }

  async function held({ route, send }: Sent): Promise<Held> {
    const startedAt = performance.now();
    const answer = await send();
    const ms = performance.now() - startedAt;
    await answer.arrayBuffer();
    return { route, status: answer.status, hasRetryAfter: answer.headers.has('retry-after'), ms };
  }

  /** Sends the requests, a few at a time. Before each group, `begin` begins a new outage. */
  async function heldInGroups(requests: readonly Sent[], begin: () => Promise<void> | void): Promise<Held[]> {
    const all: Held[] = [];
    for (let first = 0; first < requests.length; first += AT_ONCE) {
      await begin();
      all.push(...(await Promise.all(requests.slice(first, first + AT_ONCE).map((request) => held(request)))));
    }
    return all;
  }

  /** Fails with a list of the requests that were not answered 503 in time. */
  function expectRefusedInTime(all: readonly Held[]): void {
    const wrong = all.filter(
      ({ route, status, hasRetryAfter, ms }) =>
        ms >= longestMs || (route === FROM_MEMORY ? status !== 200 : status !== 503 || !hasRetryAfter),
    );
    expect(wrong).toEqual([]);
  }

  /** Locks tables until ROLLBACK. Postgres ends it as a deadlock if the service locks the same tables in another order meanwhile. */
  async function lock(tables: string): Promise<void> {
    await eventually(async () => {
      await client.query('ROLLBACK');
      await client.query(`BEGIN; LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`);
    });
  }

  async function recover(): Promise<void> {
    proxy.allowNew();
    await eventually(async () => expect((await push(server, [item])).status).toBe(202));
    const tokens = () => fetch(`${server.url}/api/admin/tokens`, { headers: { Authorization: ADMIN_TOKEN } });
    await eventually(async () => expect((await tokens()).status).toBe(200));
  }

  test('every admin and history route answers 503 in time when all connections go silent', async () => {
    expect(adminRoutes.length).toBeGreaterThan(20);
    const all = await heldInGroups(adminRoutes, async () => {
      await recover();
      proxy.silence();
    });
    expectRefusedInTime(all);
  });

  test('every admin and history route answers 503 in time while Postgres stays silent', async () => {
    await recover();
    proxy.silence();
    expectRefusedInTime([await held(receivers[0]!)]);
    expectRefusedInTime(await heldInGroups(adminRoutes, () => undefined));
    await recover();
  });

  test('every receiver answers 503 in time when all connections go silent', async () => {
    const all = await heldInGroups(receivers, async () => {
      await recover();
      proxy.silence();
    });
    expectRefusedInTime(all);
    await recover();
  });

  test('no push is held longer while the log is locked', async () => {
    await recover();
    await lock('sample_batch');
    const pushed = await heldInGroups(receivers, () => undefined);
    await client.query('ROLLBACK');
    expectRefusedInTime(pushed);
    await recover();
  });

  test.each([
    ['the log', 'sample_batch'],
    ['the blocks and chunks', 'sample_block_fresh, sample_block_merged, sample_block_waiting, sample_chunk'],
  ])('no query, deletion or administration is held longer while %s is locked', async (_title, tables) => {
    await recover();
    // A rename needs no samples, and afterwards the other requests would find no metric.
    const isRename = ({ route }: Sent) => route.endsWith('rename');
    const routes = [...promqlRoutes, ...adminRoutes];
    await lock(tables);
    const asked = await heldInGroups(
      [...routes.filter((each) => !isRename(each)), ...routes.filter(isRename)],
      () => undefined,
    );
    await client.query('ROLLBACK');
    expect(
      asked.filter(
        ({ status, hasRetryAfter, ms }) => ms >= longestMs || (status >= 500 && !(status === 503 && hasRetryAfter)),
      ),
    ).toEqual([]);
    expect(asked.filter(({ route, status }) => SAMPLES_NEEDED.test(route) && status !== 503)).toEqual([]);
    await recover();
  });

  test.each([
    ['ahead', 'silent'],
    ['back', 'silent'],
    ['ahead', 'locked'],
    ['back', 'locked'],
  ])('no request is held longer if the clock of the service is set %s meanwhile (%s)', async (_way, outage) => {
    await recover();
    if (outage === 'silent') proxy.silence();
    else await lock('sample_batch, series, api_token, metric');
    const requests = [...receivers.slice(0, 2), ...adminRoutes.filter(({ route }) => /tokens$|samples$/.test(route))];
    const answers = heldInGroups(requests.slice(0, AT_ONCE), () => undefined);
    await sleep(waitMs / 4);
    setClock(server);
    const all = await answers;
    if (outage === 'locked') await client.query('ROLLBACK');
    expectRefusedInTime(all);
    await recover();
  });

  test.each(['ahead', 'back'])(
    'a sample gets the right time although the clock is set %s while it waits',
    async (way) => {
      await recover();
      await lock('sample_batch');
      const name = `waiting_${way}`;
      // The first push waits for Postgres. The second one waits for the commit of the first one.
      const earlier = push(server, [item]);
      await sleep(200);
      const sentAt = Date.now();
      const answer = push(server, [{ name, type: 'gauge', value: 1 }]);
      await sleep(500);
      setClock(server);
      await client.query('ROLLBACK');
      expect([(await earlier).status, (await answer).status]).toEqual([202, 202]);
      const response = await fetch(`${server.url}/api/history/samples?metric=${name}&from=-3h`, {
        headers: { Authorization: ADMIN_TOKEN },
      });
      const text = await response.text();
      expect(Math.abs(Date.parse(/"at":"([^"]+)"/.exec(text)![1]!) - sentAt)).toBeLessThan(3_000);
    },
  );
});
