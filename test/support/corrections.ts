import type pg from 'pg';
import { CompensatedSum } from '../../src/live-values/compensated-sum.js';
import { ADMIN_TOKEN, getJson, scrape, type TestServer, valueOn } from './server.js';

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

/** Asks for a deletion of samples. */
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

/** The value of one series on the page, in the history, in PromQL and in the view of SQL; undefined where it is missing. */
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

/** The views that all show one value. */
export const all = (value: number | undefined): Views => ({ page: value, history: value, promql: value, sql: value });
