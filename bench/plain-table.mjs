// Measures the bytes per sample on disk, first in the log and then compacted and merged, and compares them with a plain table that
// has one row per sample and an index: npm run bench -- plain-table [samples] [series]
import pg from 'pg';
import { createDatabase, startService } from './processes.mjs';
import { openStore } from './open-store.mjs';

const INTERVAL_MS = 10_000;
const ROWS_PER_TICK = 4;
const SAMPLES_PER_COMPACTION = 500_000;
const MEBIBYTE = 2 ** 20;

/** Selects the size of each table, including its indexes and TOAST table. The partitions of a table are added up. */
const SIZES = `
  SELECT regexp_replace(relname, '_\\d{8}t.*', '') AS name, sum(pg_total_relation_size(oid)) AS bytes
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 2 DESC`;

/**
 * Writes random values with two decimals through the methods of the store: for each series, one at a random time within every ten
 * seconds.
 *
 * @returns the number of samples
 */
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

/** @returns the time that the task took, in µs per sample */
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

/** Measures a plain table with one row per sample and an index by series and time. */
async function printYardstick(client, samples) {
  await client.query(
    `CREATE UNLOGGED TABLE yardstick (series_id int NOT NULL, at timestamptz NOT NULL, value float8 NOT NULL)`,
  );
  await client.query(`CREATE INDEX ON yardstick (series_id, at)`);
  const startedAt = performance.now();
  await client.query(`INSERT INTO yardstick
    SELECT series.id, sample.at, sample.value
    FROM series JOIN sample_block AS block ON block.bucket = series.id >> 6 AND (block.members >> (series.id & 63)) & 1 = 1,
         unnest(unpack_times(block.start_at, block.members, block.directory, block.packed, series.id),
                unpack_values(block.members, block.directory, block.packed, series.id)) AS sample (at, value)
    ORDER BY at`);
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
