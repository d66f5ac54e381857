// Compares PromQL queries of counters that read stored sums in place of samples with the same queries that read only samples. Each
// variant has its own service. Without arguments, two data sets of 90 and 30 days are measured:
// npm run bench -- pushdown [series] [days] [seconds between samples]
import path from 'node:path';
import { median } from './median.mjs';
import { createDatabase, DIST, READ_TOKEN, startService } from './processes.mjs';
import { openStore } from './open-store.mjs';

const DAY_SECONDS = 24 * 3600;
const PERIOD_SECONDS = 6 * 3600;
const ROUNDS = 3;

/**
 * Each entry is a query, its step in seconds, and the distance of its times from midnight in seconds. Grafana asks for times at
 * whole steps.
 */
const QUERIES = [
  ['sum(increase(requests_total[1d]))', DAY_SECONDS, 0],
  ['sum(increase(requests_total[1d]))', DAY_SECONDS, 3 * 3600],
  ['sum(rate(requests_total[6h]))', DAY_SECONDS, 0],
  ['sum(increase(requests_total[7d]))', DAY_SECONDS, 0],
  ['sum(requests_total)', DAY_SECONDS, 0],
  ['sum(rate(requests_total[12h]))', DAY_SECONDS / 2, 0],
  ['sum(rate(requests_total[6h]))', DAY_SECONDS / 4, 0],
];

/**
 * Writes one row and runs one compaction for each period, and then merges all blocks. Returns a title that describes the data.
 */
async function write(store, { series, days, seconds }) {
  await store.query(`INSERT INTO metric (id, name, type) VALUES (1, 'requests_total', 'counter')`);
  await store.query(
    `INSERT INTO series (metric_id, identity, labels, temporality)
     SELECT 1, sha256(n::text::bytea), jsonb_build_object('route', '/r/' || n), 'delta' FROM generate_series(1, $1::int) n`,
    [series],
  );
  const periods = (days * DAY_SECONDS) / PERIOD_SECONDS;
  const start = Math.floor(Date.now() / 1000 / PERIOD_SECONDS - periods) * PERIOD_SECONDS;
  const row = Array.from({ length: (PERIOD_SECONDS / seconds) * series }, (_, index) => index);
  for (let period = 0; period < periods; period++) {
    const tick = (index) => start + period * PERIOD_SECONDS + (Math.floor(index / series) + Math.random()) * seconds;
    await store.append({
      seriesIds: Int32Array.from(row, (index) => (index % series) + 1),
      timestamps: Float64Array.from(row, (index) => Math.floor(tick(index) * 1000)),
      values: Float64Array.from(row, () => Math.round(Math.random() * 1e4) / 100),
    });
    await store.compactAll(row.length);
  }
  await store.mergeAll();
  await store.query('VACUUM ANALYZE');
  const [{ n }] = await store.query('SELECT count(*) AS n FROM sample_block');
  return `${periods * row.length} samples of ${series} counters over ${days} days, one every ${seconds} s, ${n} blocks`;
}

function timesOf([, , beside], days) {
  const end = Math.floor(Date.now() / 1000 / DAY_SECONDS) * DAY_SECONDS - beside;
  return { start: end - days * DAY_SECONDS, end };
}

/** Returns the number of samples that a query reads from the store, without sums and with them. */
async function countSamples(store, question, { series, days }) {
  const { parse } = await import(path.join(DIST, 'src/promql/syntax/parser/parser.js'));
  const { planQuery } = await import(path.join(DIST, 'src/promql/evaluation/series/plan.js'));
  const [query, step] = question;
  const { start, end } = timesOf(question, days);
  const { requests } = planQuery(parse(query), {
    query,
    kind: 'range',
    startMs: start * 1000,
    endMs: end * 1000,
    stepMs: step * 1000,
    lookbackMs: 300_000,
    defaultView: 'held',
    heldGridMs: 15_000,
    nowMs: Date.now(),
    summedSpanMs: PERIOD_SECONDS * 1000,
    maxPointsPerSeries: 11_000,
  });
  const [{ startMs, endMs, edges }] = requests;
  const counts = [];
  for (const told of [undefined, edges ?? undefined]) {
    const range = { from: startMs, to: endMs + 1, needsBefore: true, maxSamples: Infinity };
    const columns = await store.read({ ...range, edges: told }, series);
    counts.push(columns.reduce((count, { values }) => count + values.length, 0));
  }
  return counts;
}

async function ask(service, question, days) {
  const [query, step] = question;
  const form = new URLSearchParams({ query, step, ...timesOf(question, days) });
  const startedAt = performance.now();
  const response = await fetch(`${service.url}/api/v1/query_range`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${READ_TOKEN}` },
    body: form,
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${answer}`);
  return { ms: performance.now() - startedAt, answer };
}

async function compare(database, store, set, title) {
  console.log(title);
  const settings = { PROMQL_MAX_SAMPLES: '100000000', COMPACTION_INTERVAL_SECONDS: '3600', PROMQL_TIMEOUT: '10m' };
  const services = [];
  try {
    for (const readsSums of ['false', 'true']) {
      services.push(await startService(database.url, { ...settings, PROMQL_READ_SUMS: readsSums }));
    }
    for (const question of QUERIES) {
      // The variants take turns, so that other work on the machine affects both.
      const times = [[], []];
      const answers = [];
      for (let round = 0; round < ROUNDS; round++) {
        for (const [index, service] of services.entries()) {
          const { ms, answer } = await ask(service, question, set.days);
          times[index].push(ms);
          answers.push(answer);
        }
      }
      const [query, step, beside] = question;
      if (new Set(answers).size > 1) throw new Error(`${query}: answers differ`);
      const [without, withSums] = times.map(median);
      const name = `${query} by ${step / 3600} h${beside > 0 ? `, ${beside / 3600} h beside` : ''}`;
      console.log(
        `  ${name.padEnd(56)} ${without.toFixed(0).padStart(6)} ms → ${withSums.toFixed(0).padStart(6)} ms, ` +
          `${(without / withSums).toFixed(1)} times as fast; ${(await countSamples(store, question, set)).join(' → ')} samples`,
      );
    }
  } finally {
    for (const service of services) await service.stop();
  }
}

async function measure(set) {
  const database = await createDatabase();
  try {
    await (await startService(database.url)).stop();
    const store = await openStore(database.url);
    const title = await write(store, set);
    await compare(database, store, set, title);
    await store.close();
  } finally {
    await database.drop();
  }
}

export async function run(given) {
  const [series, days = 90, seconds = 600] = given.map(Number);
  if (series !== undefined) return measure({ series, days, seconds });
  await measure({ series: 200, days: 90, seconds: 600 });
  await measure({ series: 20, days: 30, seconds: 15 });
}
