import type pg from 'pg';
import { CompensatedSum } from '../../src/live-values/compensated-sum.js';
import { eventually } from './eventually.js';
import { ADMIN_TOKEN, getJson, type Item, push, scrape, type TestServer, valueOn } from './server.js';
import type { StoreUnderTest } from './service-under-test.js';

/** Settings with which samples stay in the log, and settings with which they are soon in blocks. */
export const IN_LOG = { COMPACTION_HORIZON_SECONDS: '3600', COMPACTION_INTERVAL_SECONDS: '3600' };
export const IN_BLOCKS = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };

const MINUTE = 60_000;

/** The range whose samples are wrong: a whole minute that began ten to eleven minutes ago. */
export const WRONG_FROM = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
export const WRONG_TO = WRONG_FROM + MINUTE;
export const WRONG = `from=${WRONG_FROM}&to=${WRONG_TO}`;

/** Returns a sample whose time is the given number of seconds after the start of the wrong minute. */
export function item(name: string, value: number, seconds: number, more: Item = {}): Item {
  return { name, value, timestamp: WRONG_FROM + seconds * 1000, ...more };
}

/** Returns six samples of a counter, of which the third and the fourth are in the wrong minute. */
export function orders(name: string): Item[] {
  return [
    item(name, 0.1, -30),
    item(name, 0.7, -20),
    item(name, 1e6 + 0.3, 0),
    item(name, 1 / 3, 59.999),
    item(name, 0.2, 60),
    item(name, 0.4, 90),
  ];
}

/** The sum of the {@link orders} that are not in the wrong minute. */
export const RIGHT_SUM = 0.1 + 0.7 + 0.2 + 0.4;

/** Steps of tests that delete samples from a database. */
export interface CorrectionSteps {
  readonly pushAll: (server: TestServer, items: readonly Item[], headers?: Record<string, string>) => Promise<Response>;
  readonly count: (from: string) => Promise<number>;
  /** Waits until no sample is in the log. */
  readonly compacted: () => Promise<void>;
  readonly views: (server: TestServer, metric: string, kind?: 'sum' | 'newest') => Promise<Views>;
}

/** Returns the steps for a database. */
export function correctionsOf(store: StoreUnderTest): CorrectionSteps {
  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);
  return {
    pushAll: async (server, items, headers = {}) => {
      const response = await push(server, items, headers);
      expect([response.status, await response.text()]).toEqual([202, '']);
      return response;
    },
    count,
    compacted: () => eventually(async () => expect(await count('sample_batch')).toBe(0)),
    views: (server, metric, kind = 'sum') => viewsOf(server, store.client, metric, kind),
  };
}

/** The answer to a deletion of samples. */
export interface Correction {
  readonly metric: string;
  readonly dryRun: boolean;
  readonly from: string;
  readonly to: string;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly blockCount: number;
  readonly fallingCounterCount: number;
  readonly note: string | null;
}

type Refusal = { readonly message: string; readonly details: readonly { path: string; message: string }[] };

/** Requests a deletion of samples. */
export async function deleteSamples(
  server: Pick<TestServer, 'url'>,
  metric: string,
  query: string,
  token = ADMIN_TOKEN,
): Promise<{ status: number; body: Correction & Refusal }> {
  const response = await fetch(`${server.url}/api/admin/metrics/${metric}/samples?${query}`, {
    method: 'DELETE',
    headers: { Authorization: token },
  });
  return { status: response.status, body: (await response.json()) as never };
}

/** The value of one series on the page, in the history, in PromQL and in the SQL view; undefined where it is missing. */
export interface Views {
  readonly page: number | undefined;
  readonly history: number | undefined;
  readonly promql: number | undefined;
  readonly sql: number | undefined;
}

/**
 * Reads a series without labels from all views.
 *
 * @param kind whether the value is the sum of the samples or the newest one
 */
export async function viewsOf(
  server: TestServer,
  client: pg.Client,
  metric: string,
  kind: 'sum' | 'newest',
): Promise<Views> {
  const page = valueOn(await scrape(server), metric);
  const history = await getJson<{ series: { points: { value: number | null }[] }[] }>(
    server,
    `/api/history/query?metric=${metric}&aggregate=last&groupBy=*&step=1d&from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}`,
  );
  const promql = await getJson<{ data: { result: { value: [number, string] }[] } }>(
    server,
    `/api/v1/query?query=${metric}&time=${(Date.now() + 1_000) / 1000}`,
  );
  const { rows } = await client.query<{ value: number }>(
    'SELECT value FROM metric_sample WHERE metric = $1 ORDER BY at',
    [metric],
  );
  const sum = new CompensatedSum();
  for (const { value } of rows) sum.add(value);
  const result = promql.data.result[0]?.value[1];
  return {
    page,
    history: history.series[0]?.points.at(-1)?.value ?? undefined,
    promql: result === undefined ? undefined : Number(result),
    sql: rows.length === 0 ? undefined : kind === 'sum' ? sum.high : rows.at(-1)!.value,
  };
}

/** Returns the views of a series that has this value in all of them. */
export const all = (value: number | undefined): Views => ({ page: value, history: value, promql: value, sql: value });
