// Measures the time from the start of the process until it is ready: with an empty database, with 100,000 series and 1,000,000
// samples in the log, and with 100,000 series and their blocks of a week: npm run bench -- start
import pg from 'pg';
import { median } from './median.mjs';
import { openStore } from './open-store.mjs';
import { createDatabase, startService } from './processes.mjs';
import { fill as fillWithBlocks } from './wide.mjs';

const SERIES = 100_000;
const SAMPLES = 1_000_000;
const SAMPLES_PER_ROW = 1_000;
const DAYS = 7;
const ROUNDS = 5;

async function fill(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`INSERT INTO metric (name, type)
    SELECT 'requests_' || n || '_total', 'counter' FROM generate_series(0, ${SERIES / 5_000 - 1}) n`);
  await client.query(`INSERT INTO series (metric_id, identity, labels, temporality)
    SELECT 1 + n / 5000, sha256(n::text::bytea),
           jsonb_build_object('method', 'GET', 'status', '200', 'region', 'eu', 'route', '/r/' || n % 5000), 'delta'
    FROM generate_series(0, ${SERIES - 1}) n`);
  await client.query(`INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
    SELECT 1, row, array_agg(1 + (row * ${SAMPLES_PER_ROW} + n) % ${SERIES}), array_agg(round(random()::numeric * 100, 2)::float8)
    FROM generate_series(1, ${SAMPLES / SAMPLES_PER_ROW}) row, generate_series(1, ${SAMPLES_PER_ROW}) n GROUP BY row`);
  await client.query('ANALYZE');
  await client.end();
}

export async function run() {
  const [log, blocks] = [await createDatabase(), await createDatabase()];
  try {
    await (await startService(log.url)).stop();
    const empty = await timeStart(log.url);
    await fill(log.url);
    const store = await openStore(blocks.url, { migrate: true });
    await fillWithBlocks(store, SERIES, DAYS);
    await store.close();
    const times = { log: [], blocks: [] };
    for (let round = 0; round < ROUNDS; round++) {
      times.log.push(await timeStart(log.url));
      times.blocks.push(await timeStart(blocks.url));
    }
    console.log(`ready with an empty database, ms: ${empty.toFixed(0)}`);
    print(`${SERIES} series and ${SAMPLES} samples in the log`, times.log, 3000);
    print(`${SERIES} series and their blocks of ${DAYS} days`, times.blocks, 2000);
  } finally {
    await log.drop();
    await blocks.drop();
  }
}

function print(data, times, aim) {
  const all = times.map((ms) => ms.toFixed(0)).join(', ');
  console.log(`ready with ${data}, ms: median ${median(times).toFixed(0)} of ${all} (aim: ${aim})`);
}

async function timeStart(url) {
  const startedAt = performance.now();
  const service = await startService(url);
  const ms = performance.now() - startedAt;
  await service.stop();
  return ms;
}
