// Measures the speed of reading alone, without HTTP and aggregation: npm run bench -- read [samples per series]
import { median } from './median.mjs';
import { createDatabase } from './processes.mjs';
import { openStore } from './open-store.mjs';

const CASES = [
  { title: 'a day at 15 s, merged', series: 200, samples: 5_760, intervalMs: 15_000 },
  { title: 'a month at 10 min, merged', series: 200, samples: 4_320, intervalMs: 600_000 },
];
const ROUNDS = 15;

async function write(store, { series, samples, intervalMs }) {
  await store.query(`INSERT INTO metric (id, name, type) VALUES (1, 'requests_total', 'counter')`);
  await store.query(
    `INSERT INTO series (metric_id, identity, labels, temporality)
     SELECT 1, sha256(n::text::bytea), jsonb_build_object('route', '/r/' || n), 'delta' FROM generate_series(1, $1::int) n`,
    [series],
  );
  const start = Date.now() - samples * intervalMs;
  const seriesIds = Int32Array.from({ length: series }, (_, index) => index + 1);
  for (let tick = 0; tick < samples; tick++) {
    await store.append({
      seriesIds,
      timestamps: Float64Array.from(
        seriesIds,
        () => start + tick * intervalMs + Math.floor(Math.random() * intervalMs),
      ),
      values: Float64Array.from(seriesIds, () => Math.round(Math.random() * 1e4) / 100),
    });
  }
  await store.compactAll(500_000);
  await store.mergeAll();
  await store.query('VACUUM ANALYZE');
  return { from: start, to: Date.now() };
}

export async function run([samplesText]) {
  const cases = CASES.map((each) => Object.assign(each, { samples: Number(samplesText ?? each.samples) }));
  for (const each of cases) {
    const database = await createDatabase();
    try {
      const store = await openStore(database.url, { migrate: true });
      const range = await write(store, each);
      const count = each.series * each.samples;
      for (const needsBefore of [false, true]) {
        const speeds = [];
        for (let round = 0; round < ROUNDS; round++) {
          const startedAt = performance.now();
          const columns = await store.read({ ...range, needsBefore, maxSamples: Infinity }, each.series);
          const found = columns.reduce((sum, { values }) => sum + values.length, 0);
          if (found !== count) throw new Error(`${found} samples instead of ${count}`);
          speeds.push(count / (performance.now() - startedAt) / 1000);
        }
        const [middle, slowest, fastest] = [median(speeds), Math.min(...speeds), Math.max(...speeds)].map((speed) =>
          speed.toFixed(2),
        );
        const before = needsBefore ? ', with the value held before' : '';
        console.log(`${each.title}${before}: ${middle} M samples/s (${slowest} to ${fastest}; aim: 10)`);
      }
      await store.close();
    } finally {
      await database.drop();
    }
  }
}
