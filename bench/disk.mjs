// Bytes a sample on disk, compacted and merged, beside the yardstick of one row a sample with an index:
// npm run bench -- disk [samples] [series]
import pg from 'pg';
import { createDatabase, startService } from './processes.mjs';
import { openStore } from './store-door.mjs';

const INTERVAL_MS = 10_000;
const ROWS_PER_TICK = 4;
const SAMPLES_PER_COMPACTION = 500_000;
const MEBIBYTE = 2 ** 20;

/** Postgres' own counting: every table, index and TOAST table of the schema. */
const SIZES = `
  SELECT regexp_replace(relname, '_\\d{8}t.*', '') AS name, sum(pg_total_relation_size(oid)) AS bytes
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 2 DESC`;

/** Random values with two decimals, one every ten seconds with jitter, written through the store's own door. */
async function write(store, samples, seriesCount) {
  await store.query(`INSERT INTO metric (id, name, type) VALUES (1, 'readings', 'gauge')`);
  await store.query(
    `INSERT INTO series (metric_id, identity, labels)
     SELECT 1, sha256(n::text::bytea),
            jsonb_build_object('method', 'GET', 'status', '200', 'region', 'eu', 'route', '/r/' || n)
     FROM generate_series(1, $1::int) n`,
    [seriesCount],
  );
  const ticks = Math.ceil(samples / seriesCount);
  const start = Math.floor((Date.now() - ticks * INTERVAL_MS) / INTERVAL_MS) * INTERVAL_MS;
  const perRow = Math.ceil(seriesCount / ROWS_PER_TICK);
  for (let tick = 0; tick < ticks; tick++) {
    for (let first = 1; first <= seriesCount; first += perRow) {
      const count = Math.min(perRow, seriesCount - first + 1);
      const jitter = () => start + tick * INTERVAL_MS + Math.floor(Math.random() * INTERVAL_MS);
      await store.append({
        seriesIds: Int32Array.from({ length: count }, (_, index) => first + index),
        timestamps: Float64Array.from({ length: count }, jitter),
        values: Float64Array.from({ length: count }, () => Math.round(Math.random() * 1e4) / 100),
      });
    }
  }
  return ticks * seriesCount;
}

/** @returns what it took, in µs a sample */
async function timed(samples, task) {
  const startedAt = performance.now();
  await task();
  return ((performance.now() - startedAt) * 1000) / samples;
}

async function printSizes(client, title, samples) {
  const { rows } = await client.query(SIZES);
  const total = rows.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  console.log(`${title}: ${(total / MEBIBYTE).toFixed(1)} MiB, ${(total / samples).toFixed(2)} bytes a sample`);
  for (const { name, bytes } of rows) {
    if (Number(bytes) > MEBIBYTE)
      console.log(`  ${name.padEnd(24)} ${(Number(bytes) / MEBIBYTE).toFixed(1).padStart(8)} MiB`);
  }
}

/** The usual way: one row a sample, and an index by series and time. */
async function printYardstick(client, samples) {
  await client.query(
    `CREATE UNLOGGED TABLE yardstick (series_id int NOT NULL, at timestamptz NOT NULL, value float8 NOT NULL)`,
  );
  await client.query(`CREATE INDEX ON yardstick (series_id, at)`);
  const startedAt = performance.now();
  await client.query(`INSERT INTO yardstick
    SELECT series_id, start_at + offset_ms * interval '1 millisecond' AS at, value
    FROM sample_chunk, unnest(offsets_ms, "values") AS packed (offset_ms, value) ORDER BY at`);
  const seconds = (performance.now() - startedAt) / 1000;
  const { rows } = await client.query(`SELECT pg_total_relation_size('yardstick') AS bytes`);
  console.log(
    `one row a sample, with an index by series and time: ${(rows[0].bytes / MEBIBYTE).toFixed(1)} MiB, ` +
      `${(rows[0].bytes / samples).toFixed(2)} bytes a sample (written in ${seconds.toFixed(0)} s by one statement)`,
  );
  await client.query('DROP TABLE yardstick');
}

export async function run([samplesText = '10000000', seriesText = '10000']) {
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url });
  try {
    await (await startService(database.url)).stop();
    await client.connect();
    const store = await openStore(database.url);
    const samples = await write(store, Number(samplesText), Number(seriesText));
    console.log(`${samples} samples of ${seriesText} series`);
    await printSizes(client, 'in the log', samples);
    console.log(
      `compacted, µs a sample: ${(await timed(samples, () => store.compactAll(SAMPLES_PER_COMPACTION))).toFixed(2)}`,
    );
    console.log(`merged, µs a sample: ${(await timed(samples, () => store.mergeAll())).toFixed(2)}`);
    await store.close();
    await client.query('VACUUM');
    await printSizes(client, 'compacted and merged', samples);
    await printYardstick(client, samples);
  } finally {
    await client.end();
    await database.drop();
  }
}
