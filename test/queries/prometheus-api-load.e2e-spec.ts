import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const SERIES = 200;
const STEP_MS = 15_000;
const SAMPLES_PER_SERIES = 5_000;
const ROWS = 100;

/** The slowest regular expression takes about a second for so many long values. */
const PATHS = 100;

/**
 * Maximum time that the event loop may be blocked. The aim is 50 ms on an otherwise idle machine; the rest is a margin for other
 * work on this one.
 */
const MAX_STALL_MS = 250;
const MAX_TRIES = 5;

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const HEAVY = 'sum by (host) (rate(heavy_total[5m]))';

const store = storeUnderTest('all');
let server: TestServer;

function range(query: string, rest: Record<string, string> = {}): string {
  const start = NOW - SAMPLES_PER_SERIES * STEP_MS;
  return new URLSearchParams({
    query,
    start: String(start / 1_000),
    end: String(NOW / 1_000),
    step: '60',
    ...rest,
  }).toString();
}

function ask(path: string, query: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: query,
    signal,
  });
}

/** Returns the number of the server's database connections that are reading samples. */
async function readers(): Promise<number> {
  const { rows } = await store.client.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM stored%' AND state <> 'idle'`,
  );
  return Number(rows[0]!.n);
}

beforeAll(async () => {
  server = await store.start({
    PROMQL_QUERIES_PER_TOKEN: '3',
    PROMQL_WORKERS: '1',
    PROMQL_MAX_SERIES: '450',
    PROMQL_MAX_SAMPLES: '1500000',
    COMPACTION_HORIZON_SECONDS: '86400',
  });
  await push(
    server,
    Array.from({ length: SERIES }, (_, index) => ({
      name: 'heavy_total',
      labels: { host: `h${index % 20}`, instance: `i${index}` },
      value: 1,
      timestamp: NOW - SAMPLES_PER_SERIES * STEP_MS,
    })),
  );
  const perRow = SAMPLES_PER_SERIES / ROWS;
  await store.client.query(
    `INSERT INTO sample_batch (writer_id, sequence, received_at, earliest_at, latest_at, series_ids, timestamps, "values")
     SELECT 1000000, row, now(), to_timestamp(min(at) / 1000.0), to_timestamp(max(at) / 1000.0),
            array_agg(id), array_agg(at), array_agg(1::float8)
     FROM generate_series(1, ${ROWS}) AS row
     CROSS JOIN LATERAL (
       SELECT series.id, ($1::bigint - ${SAMPLES_PER_SERIES * STEP_MS}) + ((row - 1) * ${perRow} + step) * ${STEP_MS} AS at
       FROM generate_series(1, ${perRow}) AS step CROSS JOIN series
     ) AS sample
     GROUP BY row`,
    [NOW],
  );
});

interface Stall {
  readonly longestMs: number;
  readonly ownMs: number;
}

/**
 * Runs a task while pushing. Returns the longest times for which the event loops of the server and of this process were
 * blocked.
 */
async function stallWhile(task: () => Promise<void>): Promise<Stall> {
  // This process also measures how long other processes delay it, because they delay the server as well.
  const own = monitorEventLoopDelay({ resolution: 5 });
  own.enable();
  let pushes = 0;
  let isOver = false;
  const pushing = (async () => {
    while (!isOver) {
      const answer = await push(server, [{ name: 'light_total', value: 1 }]);
      expect(answer.status).toBe(202);
      pushes++;
      await sleep(5);
    }
  })();
  // Reading the metrics begins the next measurement.
  await scrape(server);
  let longestMs: number;
  try {
    await task();
    longestMs = valueOn(await scrape(server), 'nodejs_eventloop_lag_max_seconds')! * 1_000;
  } finally {
    isOver = true;
    await pushing;
  }
  own.disable();
  expect(pushes).toBeGreaterThan(5);
  return { longestMs, ownMs: own.max / 1e6 };
}

/**
 * Expects that a task does not block the server. A busy machine may delay the server at any time, but a delay that the server
 * causes itself occurs every time.
 */
async function expectNoStallWhile(task: () => Promise<void>): Promise<void> {
  const tries: Stall[] = [];
  while (tries.length < MAX_TRIES) {
    tries.push(await stallWhile(task));
    if (tries.at(-1)!.longestMs < MAX_STALL_MS + tries.at(-1)!.ownMs) return;
  }
  expect(tries).toEqual([]);
}

test('a heavy query does not delay pushes or the exposition', async () => {
  await expectNoStallWhile(async () => {
    const answer = await ask('query_range', range(HEAVY));
    const body = (await answer.json()) as { data: { result: { values: [number, string][] }[] } };
    expect(answer.status).toBe(200);
    expect(body.data.result).toHaveLength(20);
    // Each host has ten counters, each of which grows by 1 every fifteen seconds.
    expect(Number(body.data.result[0]!.values.at(-10)![1])).toBeCloseTo(10 / 15, 1);
  });
});

test('the slowest regular expression does not delay pushes or the exposition', async () => {
  const pathOf = (index: number) =>
    Array.from({ length: 900 }, (_, place) => 'abcd'[(place * place + index * place + (index >> 2)) % 4]).join('');
  await push(
    server,
    Array.from({ length: PATHS }, (_, index) => ({
      name: 'paths',
      labels: { path: `${pathOf(index)}${index}` },
      value: 1,
    })),
  );
  await expectNoStallWhile(async () => {
    const query = new URLSearchParams({ query: 'count(paths{path!~"(a?b?c?d?){100}.*x"})' }).toString();
    const answer = await ask('query', query);
    expect(await answer.json()).toMatchObject({ data: { result: [{ value: [expect.any(Number), String(PATHS)] }] } });
  });
});

test('a query whose client hangs up is ended', async () => {
  const controller = new AbortController();
  const asking = ask('query_range', range(HEAVY), controller.signal).catch(() => undefined);
  await eventually(async () => expect(await readers()).toBeGreaterThan(0), { intervalMs: 5 });
  controller.abort();
  await asking;
  await eventually(async () => expect(await readers()).toBe(0), { intervalMs: 5 });
  const startedAt = Date.now();
  expect((await ask('query', 'query=1')).status).toBe(200);
  expect(Date.now() - startedAt).toBeLessThan(5_000);
});

test('a token may have only a limited number of running queries', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask('query_range', range(HEAVY))));
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await refused.json()).toMatchObject({ status: 'error', errorType: 'too_many_requests' });
  await Promise.all(answers.filter(({ bodyUsed }) => !bodyUsed).map((answer) => answer.arrayBuffer()));
  expect((await ask('query', 'query=1')).status).toBe(200);
});

test.each([
  ['samples', 'heavy_total + heavy_total offset 1h', 'PROMQL_MAX_SAMPLES'],
  ['samples on its way', 'count_over_time(vector(1)[1y:1s])', 'PROMQL_MAX_SAMPLES'],
  ['series', 'heavy_total + heavy_total offset 1h + heavy_total offset 2h', 'PROMQL_MAX_SERIES'],
])('a query that needs too many %s says so', async (_, query, setting) => {
  const answer = await ask('query_range', range(query));
  expect(await answer.json()).toEqual({
    status: 'error',
    errorType: 'execution',
    error: expect.stringContaining(setting),
  });
  expect(answer.status).toBe(422);
});

test('an aggregation answers for more series than a query may hold at once', async () => {
  const counts = ['', ' offset 1h', ' offset 2h'].map((offset) => `count by (host) (heavy_total${offset})`);
  const query = new URLSearchParams({ query: counts.join(' + '), time: String(NOW / 1_000) }).toString();
  const body = (await (await ask('query', query)).json()) as { data: { result: { value: unknown[] }[] } };
  expect(body.data.result.map(({ value }) => value[1])).toEqual(Array.from({ length: 20 }, () => '30'));
});

test('a limit cuts the answer with a warning', async () => {
  const answer = await ask('query', `query=heavy_total&limit=3&time=${NOW / 1_000}`);
  const body = (await answer.json()) as { data: { result: unknown[] }; warnings: string[] };
  expect(body.data.result).toHaveLength(3);
  expect(body.warnings).toEqual(['results truncated due to limit']);
});
