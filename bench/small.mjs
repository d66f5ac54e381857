// Measures what the smallest PromQL queries cost: npm run bench -- small [rounds]. With OTHER_DIST_DIR, another build of the service answers
// the same queries in turns. CPU times depend less than latencies on what else the machine does.
import http from 'node:http';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { median } from './median.mjs';
import { createDatabase, READ_TOKEN, ROOT, startService } from './processes.mjs';
import { openStore } from './open-store.mjs';

const STEP_MS = 15_000;
const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const HOUR = { start: NOW / 1000 - 3_600, end: NOW / 1000 };

/** A day of counters, and an hour of gauges, both merged. The newest samples of the gauges are in the log. */
const COUNTERS = { name: 'requests_total', type: 'counter', firstId: 1, series: 64, samples: 5_760 };
const GAUGES = { name: 'queue_length', type: 'gauge', firstId: 101, series: 20, samples: 240 };
const SAMPLES_IN_LOG = 8;

const QUESTIONS = [
  { title: '1 + 1', path: 'query', parameters: { query: '1 + 1', time: HOUR.end } },
  { title: 'one gauge, now', path: 'query', parameters: { query: 'queue_length{n="7"}', time: HOUR.end } },
  { title: 'one gauge, an hour', path: 'query_range', parameters: { query: 'queue_length{n="7"}', ...HOUR, step: 15 } },
  {
    title: 'rate of one counter, now',
    path: 'query',
    parameters: { query: 'rate(requests_total{n="7"}[5m])', time: HOUR.end },
  },
  {
    title: 'rate of one counter, an hour',
    path: 'query_range',
    parameters: { query: 'rate(requests_total{n="7"}[5m])', ...HOUR, step: 15 },
  },
  { title: 'labels of one series', path: 'labels', parameters: { 'match[]': 'queue_length{n="7"}', ...HOUR } },
];
const REQUESTS_PER_ROUND = 100;
const TICKS_PER_SECOND = 100;

async function fill(store, { name, type, firstId, series, samples }) {
  const indexes = Array.from({ length: series }, (_, index) => index);
  await store.query('INSERT INTO metric (id, name, type) VALUES ($1, $2, $3)', [firstId, name, type]);
  await store.query(
    `INSERT INTO series (id, metric_id, identity, labels, temporality)
     SELECT $1 + n, $1, sha256(($1 + n)::text::bytea), jsonb_build_object('n', n::text), $2 FROM unnest($3::int[]) AS n`,
    [firstId, type === 'counter' ? 'delta' : null, indexes],
  );
  for (let tick = 0; tick < samples; tick++)
    await append(store, { firstId, series }, NOW - (samples - tick) * STEP_MS + 777);
}

function append(store, { firstId, series }, at) {
  return store.append({
    seriesIds: Int32Array.from({ length: series }, (_, index) => firstId + index),
    timestamps: new Float64Array(series).fill(at),
    values: Float64Array.from({ length: series }, () => Math.floor(Math.random() * 10)),
  });
}

/** Returns the CPU time of a process in ms, of all threads or of one. */
function cpuOf(pid, thread) {
  const file = thread === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${thread}/stat`;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

function get(side, question) {
  const url = `${side.url}/api/v1/${question.path}?${new URLSearchParams(question.parameters)}`;
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: side.agent, headers: { Authorization: READ_TOKEN } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    request.on('error', reject);
  });
}

export async function run([rounds = '5']) {
  const database = await createDatabase();
  try {
    const store = await openStore(database.url, { migrate: true });
    for (const data of [COUNTERS, GAUGES]) await fill(store, data);
    await store.compactAll(500_000);
    await store.mergeAll();
    for (let tick = 0; tick < SAMPLES_IN_LOG; tick++) await append(store, GAUGES, NOW + tick * 1_000);
    await store.query('VACUUM ANALYZE');
    await store.close();
    const sides = [];
    for (const [name, folder] of Object.entries({ other: process.env.OTHER_DIST_DIR, this: undefined })) {
      if (name === 'other' && folder === undefined) continue;
      const program = folder && path.resolve(ROOT, folder, 'server/main.js');
      const service = await startService(database.url, { COMPACTION_INTERVAL_SECONDS: '3600' }, program);
      sides.push({ name, ...service, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) });
    }
    for (const question of QUESTIONS) {
      const measured = sides.map(() => ({ ms: [], all: [], main: [] }));
      const answers = new Set();
      for (let round = 0; round <= Number(rounds); round++) {
        for (const [index, side] of sides.entries()) {
          const before = [cpuOf(side.pid), cpuOf(side.pid, side.pid)];
          const times = [];
          for (let request = 0; request < REQUESTS_PER_ROUND; request++) {
            const startedAt = performance.now();
            answers.add(await get(side, question));
            times.push(performance.now() - startedAt);
          }
          // The first round only fills caches and lets the compilers work.
          if (round === 0) continue;
          measured[index].ms.push(median(times));
          measured[index].all.push((cpuOf(side.pid) - before[0]) / REQUESTS_PER_ROUND);
          measured[index].main.push((cpuOf(side.pid, side.pid) - before[1]) / REQUESTS_PER_ROUND);
        }
      }
      console.log(`${question.title}${answers.size > 1 ? ' (the answers differ)' : ''}`);
      for (const [index, { name }] of sides.entries()) {
        const [ms, all, main] = ['ms', 'all', 'main'].map((key) => median(measured[index][key]).toFixed(2));
        console.log(`  ${name.padEnd(6)} ${ms} ms; CPU of the service ${all} ms, of its main thread ${main} ms`);
      }
    }
    for (const side of sides) await side.stop();
  } finally {
    await database.drop();
  }
}
