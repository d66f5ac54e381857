// Measures the bytes per sample on disk of each shape of data, fresh and merged, beside Prometheus and VictoriaMetrics with the same
// samples, where these are installed: npm run bench -- disk [series] [first letters of a shape]
import { createDatabase } from './processes.mjs';
import { openStore } from './open-store.mjs';
import { sizeInPrometheus } from './prometheus-blocks.mjs';
import { makeSeries, SHAPES, targetOf } from './shapes.mjs';
import { sizeInVictoriaMetrics } from './victoria-metrics-server.mjs';

const SEED = 7;
/** The time between two compactions: `COMPACTION_INTERVAL_SECONDS` of the service. */
const COMPACTION_MS = 60_000;
const SAMPLES_PER_COMPACTION = 500_000;
const COMPACTION_RUNS = 400;

const SIZE = `
  SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::float8 AS bytes FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname LIKE 'sample_block%'`;

/** Pushes all samples in the order of time and compacts them as often as the service would. */
async function push(store, series) {
  const samples = series.flatMap(({ times, values }, index) =>
    Array.from(times, (at, place) => ({ id: index + 1, at, value: values[place] })),
  );
  samples.sort((a, b) => a.at - b.at);
  // A shape with few samples in many hours is compacted in fewer steps, because each has samples of only some minutes anyway.
  const interval = Math.max(COMPACTION_MS, (samples.at(-1).at - samples[0].at) / COMPACTION_RUNS);
  for (let first = 0; first < samples.length;) {
    const until = samples[first].at + interval;
    let end = first;
    while (end < samples.length && samples[end].at < until) end++;
    const some = samples.slice(first, end);
    await store.append({
      seriesIds: Int32Array.from(some, ({ id }) => id),
      timestamps: Float64Array.from(some, ({ at }) => at),
      values: Float64Array.from(some, ({ value }) => value),
    });
    await store.compactAll(SAMPLES_PER_COMPACTION);
    first = end;
  }
}

async function sizesInBlocks(series) {
  const database = await createDatabase();
  try {
    const store = await openStore(database.url, { migrate: true });
    await store.query(`INSERT INTO metric (id, name, type) VALUES (1, 'shape', 'gauge')`);
    await store.query(
      `INSERT INTO series (metric_id, identity, labels)
       SELECT 1, sha256(n::text::bytea), jsonb_build_object('n', n::text) FROM generate_series(1, $1::int) n`,
      [series.length],
    );
    const size = async () => {
      await store.query('VACUUM');
      return (await store.query(SIZE))[0].bytes;
    };
    const empty = await size();
    await push(store, series);
    const fresh = (await size()) - empty;
    await store.mergeAll();
    const merged = (await size()) - empty;
    await store.close();
    return { fresh, merged };
  } finally {
    await database.drop();
  }
}

export async function run([seriesText = '640', only = '']) {
  console.log(`${'shape'.padEnd(46)} entropy   fresh  merged  target  Prometheus  VictoriaMetrics`);
  for (const shape of SHAPES.filter(({ name }) => name.startsWith(only))) {
    const series = makeSeries(shape, Number(seriesText), SEED);
    const samples = series.reduce((sum, { times }) => sum + times.length, 0);
    const { fresh, merged } = await sizesInBlocks(series);
    const figures = [
      [shape.entropy, 7],
      [fresh / samples, 7],
      [merged / samples, 7],
      [targetOf(shape.name), 7],
      [(await sizeInPrometheus(series)) / samples, 11],
      [(await sizeInVictoriaMetrics(series)) / samples, 16],
    ];
    const columns = figures.map(([value, width]) => (value >= 0 ? value.toFixed(2) : '').padStart(width));
    console.log(`${shape.name.padEnd(46)} ${columns.join(' ')}`);
  }
  console.log('All figures are in bytes a sample. Those of blocks include indexes and TOAST tables.');
}
