// Compares PromQL over HTTP with a real Prometheus and a real VictoriaMetrics that have the same samples:
// npm run bench -- promql [rounds] [question 1 to 4, or small]
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './median.mjs';
import { createDatabase, READ_TOKEN, startService } from './processes.mjs';
import { measurePushesBesideDashboard } from './dashboard.mjs';
import { startPrometheus, writeSeries } from './prometheus-server.mjs';
import { openStore } from './open-store.mjs';
import { smallQuestions } from './small-questions.mjs';
import { startVictoriaMetrics } from './victoria-metrics-server.mjs';

const STEP_MS = 15_000;
/** The end of the data in milliseconds since the epoch. It is the start of the current minute, so all samples are in the past. */
const NOW = Math.floor(Date.now() / 60_000) * 60_000;

/** The data sets: a day of counters, and an hour of many gauges. */
const COUNTERS = { name: 'requests_total', type: 'counter', firstId: 1, series: 200, samples: 5_760 };
const GAUGES = { name: 'queue_length', type: 'gauge', firstId: 201, series: 10_000, samples: 240 };
const TICKS_PER_WRITE = 120;

const COUNTER_QUERY = 'sum by (job) (rate(requests_total[5m]))';
const QUESTIONS = [
  {
    title: '200 series × 5,760 samples, 1,380 steps: sum by (job) (rate(x[5m]))',
    path: 'query_range',
    parameters: { query: COUNTER_QUERY, start: NOW / 1000 - 1_379 * 60, end: NOW / 1000, step: 60 },
  },
  {
    title: '10,000 series × 240 samples, at one time: topk(10, x)',
    path: 'query',
    parameters: { query: 'topk(10, queue_length)', time: NOW / 1000 },
  },
  {
    title: '10,000 series × 240 samples, 60 steps: topk(10, x)',
    path: 'query_range',
    parameters: { query: 'topk(10, queue_length)', start: NOW / 1000 - 59 * 60, end: NOW / 1000, step: 60 },
  },
  {
    title: '10,000 series × 240 samples, 60 steps, all of them answered: x',
    path: 'query_range',
    parameters: { query: 'queue_length', start: NOW / 1000 - 59 * 60, end: NOW / 1000, step: 60 },
  },
];

const labelsOf = (index) => ({ instance: `i${String(index).padStart(5, '0')}`, job: `job-${index % 10}` });

/** Returns random data for one tick: the change of each counter, or the value of each gauge. */
function changesOf({ type, series }) {
  return Float64Array.from({ length: series }, () =>
    type === 'counter' ? Math.floor(Math.random() * 10) : Math.round(Math.random() * 1e5) / 100,
  );
}

/**
 * Returns the time of a sample, which is between whole seconds, because versions of Prometheus differ on samples at the edge of
 * a window.
 */
const timeOf = ({ samples }, tick) => NOW - (samples - tick) * STEP_MS + 777;

async function fill(store, peers, data) {
  const { name, type, firstId, series } = data;
  const metricId = firstId;
  await store.query(`INSERT INTO metric (id, name, type) VALUES ($1, $2, $3)`, [metricId, name, type]);
  const indexes = Array.from({ length: series }, (_, index) => index);
  await store.query(
    `INSERT INTO series (id, metric_id, identity, labels, temporality)
     SELECT id, $1, sha256((id || labels)::bytea), labels::jsonb, $2
     FROM unnest($3::int[], $4::text[]) AS given (id, labels)`,
    [
      metricId,
      type === 'counter' ? 'delta' : null,
      indexes.map((index) => firstId + index),
      indexes.map((index) => JSON.stringify(labelsOf(index))),
    ],
  );
  const seriesIds = Int32Array.from(indexes, (index) => firstId + index);
  const held = new Float64Array(series);
  for (let tick = 0; tick < data.samples; tick += TICKS_PER_WRITE) {
    const written = indexes.map((index) => ({ labels: { __name__: name, ...labelsOf(index) }, times: [], values: [] }));
    for (let each = tick; each < Math.min(tick + TICKS_PER_WRITE, data.samples); each++) {
      const at = timeOf(data, each);
      const values = changesOf(data);
      await store.append({ seriesIds, timestamps: new Float64Array(series).fill(at), values });
      values.forEach((value, index) => {
        held[index] = type === 'counter' ? held[index] + value : value;
        written[index].times.push(at);
        written[index].values.push(held[index]);
      });
    }
    for (const { url } of peers) await writeSeries(url, written);
  }
}

const peakMemory = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function ask(url, path, parameters) {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`, {
    headers: { Authorization: READ_TOKEN, 'Accept-Encoding': 'identity' },
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  let bytes = 0;
  for await (const chunk of response.body) bytes += chunk.length;
  return { ms: performance.now() - startedAt, bytes };
}

/** Returns the longest time in ms for which the event loop was blocked since the last call, as measured by the service itself. */
async function longestHold(url) {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(page)[1]) * 1000;
}

/**
 * Requests /health/live again and again while a task runs. Returns the time of the slowest answer in ms, which shows how long the
 * main thread is blocked.
 */
async function pingWhile(url, task) {
  let longest = 0;
  let isOver = false;
  const pinging = (async () => {
    while (!isOver) {
      const startedAt = performance.now();
      await (await fetch(`${url}/health/live`)).arrayBuffer();
      longest = Math.max(longest, performance.now() - startedAt);
      await sleep(1);
    }
  })();
  await task();
  isOver = true;
  await pinging;
  return longest;
}

function sidesOf(service, { prometheus, victoria }) {
  return {
    'ours, raw': { url: service.url, more: { view: 'raw' } },
    'ours, held': { url: service.url, more: { view: 'held' } },
    ...(prometheus && { Prometheus: { url: prometheus.url, more: {} } }),
    // Without this parameter, it would answer from the cache of its answers.
    ...(victoria && { VictoriaMetrics: { url: victoria.url, more: { nocache: '1' } } }),
  };
}

/** Prints how long a group of small questions takes in total, as the sum of the median of each question. */
async function compareSmall(service, peers, { title, questions }, rounds) {
  console.log(`${questions.length} small questions: ${title}`);
  const sides = Object.entries(sidesOf(service, peers));
  const totals = sides.map(() => 0);
  const refused = [];
  for (const { path, parameters } of questions) {
    const times = sides.map(() => []);
    try {
      for (let round = 0; round <= rounds; round++) {
        for (const [side, [, { url, more }]] of sides.entries()) {
          const { ms } = await ask(url, path, { ...parameters, ...more });
          if (round > 0) times[side].push(ms);
        }
      }
      times.forEach((measured, side) => (totals[side] += median(measured)));
    } catch (error) {
      refused.push(`${parameters.query}: ${error.message}`);
    }
  }
  for (const each of refused) console.log(`  left out, because one of them refuses it: ${each.slice(0, 200)}`);
  const theirs = totals[sides.findIndex(([name]) => name === 'Prometheus')];
  for (const [side, [name]] of sides.entries()) {
    const factor = theirs && name !== 'Prometheus' ? `, ${(totals[side] / theirs).toFixed(2)} × Prometheus` : '';
    console.log(`  ${name.padEnd(15)} ${totals[side].toFixed(0).padStart(6)} ms${factor}`);
  }
}

async function compare(service, peers, { title, path, parameters }, rounds) {
  const { prometheus } = peers;
  const sides = sidesOf(service, peers);
  const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  let bytes = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const [side, { url, more }] of Object.entries(sides)) {
      const answer = await ask(url, path, { ...parameters, ...more });
      bytes = Math.max(bytes, answer.bytes);
      // The first round only fills caches and lets the compilers work.
      if (round > 0) times[side].push(answer.ms);
    }
  }
  console.log(`${title} (${(bytes / 1024).toFixed(0)} KiB)`);
  const theirs = prometheus && median(times.Prometheus);
  for (const [side, measured] of Object.entries(times)) {
    const [least, most] = [Math.min(...measured), Math.max(...measured)].map((ms) => ms.toFixed(0));
    const factor = theirs && side !== 'Prometheus' ? `, ${(median(measured) / theirs).toFixed(2)} × Prometheus` : '';
    console.log(`  ${side.padEnd(15)} ${median(measured).toFixed(0).padStart(6)} ms (${least} to ${most})${factor}`);
  }
  for (const view of ['raw', 'held']) {
    await longestHold(service.url);
    const longest = await pingWhile(service.url, () => ask(service.url, path, { ...parameters, view }));
    const hold = await longestHold(service.url);
    console.log(
      `  event loop held meanwhile, ${view}: ${hold.toFixed(0)} ms; longest answer of /health/live: ${longest.toFixed(0)} ms`,
    );
  }
}

export async function run([rounds = '7', only]) {
  const database = await createDatabase();
  const prometheus = await startPrometheus();
  const victoria = await startVictoriaMetrics();
  const peers = { prometheus, victoria };
  for (const [name, peer] of Object.entries(peers)) if (peer === undefined) console.log(`Not installed: ${name}`);
  try {
    const store = await openStore(database.url, { migrate: true });
    const installed = Object.values(peers).filter((peer) => peer !== undefined);
    for (const data of [COUNTERS, GAUGES]) await fill(store, installed, data);
    if (victoria) await fetch(`${victoria.url}/internal/force_flush`);
    // The pushes beside the dashboard create further metrics and series.
    for (const table of ['metric', 'series']) {
      await store.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}))`);
    }
    await store.compactAll(500_000);
    await store.mergeAll();
    await store.query('VACUUM ANALYZE');
    await store.close();
    const service = await startService(database.url, { COMPACTION_INTERVAL_SECONDS: '3600' });
    const idle = peakMemory(service.pid);
    for (const [index, question] of QUESTIONS.entries()) {
      if (!only || Number(only) === index + 1) await compare(service, peers, question, Number(rounds));
    }
    if (!only || only === 'small') {
      for (const group of smallQuestions(NOW / 1000)) await compareSmall(service, peers, group, Number(rounds));
    }
    console.log(
      `peak memory: ours ${peakMemory(service.pid).toFixed(0)} MiB, ${idle.toFixed(0)} before the first query`,
    );
    if (prometheus) console.log(`             Prometheus ${peakMemory(prometheus.pid).toFixed(0)} MiB`);
    if (victoria) console.log(`             VictoriaMetrics ${peakMemory(victoria.pid).toFixed(0)} MiB`);
    const panel = (parameters) => ask(service.url, 'query_range', parameters);
    if (!only) await measurePushesBesideDashboard(service.url, panel, NOW / 1000);
    await service.stop();
  } finally {
    await victoria?.stop();
    await prometheus?.stop();
    await database.drop();
  }
}
