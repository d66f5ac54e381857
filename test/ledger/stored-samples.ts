import pg from 'pg';
import { ExactSum } from './exact-sum.js';
import { type Labels, pushedNameOf, seriesName } from './series-name.js';
import { DELTA_COUNTERS, LAST_VALUES, TIMED_METRICS } from './workload.js';

/** SQL for the name under which a metric was pushed. It does what `pushedNameOf` does. */
const PUSHED_NAME = `regexp_replace(metric, '^ledger_past[0-9]+_', 'ledger_')`;

/** The content of the view of raw samples, read in one snapshot. */
export interface StoredSamples {
  /** The number of copies of each sample, by series, value and, if the client gave it, time. */
  readonly copies: ReadonlyMap<string, number>;
  readonly samplesOfSeries: ReadonlyMap<string, number>;
  /** The exact sum of each delta counter, rounded once. */
  readonly sums: ReadonlyMap<string, number>;
  /** The values with the newest time, for every series that is not a delta counter. Several samples may have that time. */
  readonly newest: ReadonlyMap<string, readonly number[]>;
}

const SNAPSHOT = `
  CREATE TEMPORARY TABLE ledger_stored ON COMMIT DROP AS
  SELECT metric, labels, at, value FROM metric_sample WHERE metric LIKE 'ledger\\_%'`;

const COPIES = `
  SELECT metric, labels, at_ms, value, count(*)::int AS copies
  FROM (SELECT metric, labels, value,
               CASE WHEN ${PUSHED_NAME} = ANY ($1) THEN (extract(epoch FROM at) * 1000)::float8 END AS at_ms
        FROM ledger_stored) AS sample
  GROUP BY metric, labels, at_ms, value`;

const NEWEST = `
  SELECT metric, labels, value
  FROM (SELECT metric, labels, value, rank() OVER (PARTITION BY metric, labels ORDER BY at DESC) AS place
        FROM ledger_stored WHERE ${PUSHED_NAME} = ANY ($1)) AS ranked
  WHERE place = 1`;

interface Row {
  metric: string;
  labels: Labels;
  value: number;
}

export async function readStoredSamples(url: string): Promise<StoredSamples> {
  return withClient(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query(SNAPSHOT);
    const copies = await client.query<Row & { at_ms: number | null; copies: number }>(COPIES, [TIMED_METRICS]);
    const newest = await client.query<Row>(NEWEST, [LAST_VALUES]);
    await client.query('COMMIT');
    return { ...tally(copies.rows), newest: valuesBySeries(newest.rows) };
  });
}

/** Returns the number of rows that the compaction still has to move, and of blocks and chunks that it has created. */
export function countRows(url: string): Promise<{ log: number; chunks: number }> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ log: number; chunks: number }>(
      `SELECT (SELECT count(*)::int FROM sample_batch WHERE series_ids <> '{}') AS log,
              (SELECT count(*)::int FROM sample_block) + (SELECT count(*)::int FROM sample_chunk) AS chunks`,
    );
    return rows[0]!;
  });
}

async function withClient<T>(url: string, task: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await task(client);
  } finally {
    await client.end();
  }
}

function tally(rows: readonly (Row & { at_ms: number | null; copies: number })[]) {
  const copies = new Map<string, number>();
  const samplesOfSeries = new Map<string, number>();
  const exact = new Map<string, ExactSum>();
  const deltas: readonly string[] = DELTA_COUNTERS;
  for (const { metric, labels, at_ms: at, value, copies: count } of rows) {
    const series = seriesName(metric, labels);
    copies.set(`${series} ${value}${at === null ? '' : ` at ${at}`}`, count);
    samplesOfSeries.set(series, (samplesOfSeries.get(series) ?? 0) + count);
    if (!deltas.includes(pushedNameOf(metric))) continue;
    const sum = exact.get(series) ?? new ExactSum();
    sum.add(value, count);
    exact.set(series, sum);
  }
  return { copies, samplesOfSeries, sums: new Map([...exact].map(([series, sum]) => [series, sum.nearest])) };
}

function valuesBySeries(rows: readonly Row[]): Map<string, number[]> {
  const values = new Map<string, number[]>();
  for (const { metric, labels, value } of rows) {
    const series = seriesName(metric, labels);
    values.set(series, [...(values.get(series) ?? []), value]);
  }
  return values;
}
