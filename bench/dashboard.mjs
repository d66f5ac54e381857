// Measures how long pushes take while a dashboard refreshes.
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBodies } from './bodies.mjs';
import { load } from './load.mjs';

const REFRESH_MS = 5_000;
const SECONDS = 30;
const SPAN_SECONDS = 3_600;
const STEP_SECONDS = 60;
/** Each connection waits between two pushes, so that the pushes alone do not use the whole machine. */
const PUSHES = { connections: 32, pauseMs: 50, samples: 100 };

/** The queries of twelve panels, on the series of the benchmark of PromQL. */
const PANELS = [
  'sum by (job) (rate(requests_total[5m]))',
  'sum(rate(requests_total[5m]))',
  'topk(5, sum by (instance) (rate(requests_total[5m])))',
  'rate(requests_total{instance="i00001"}[5m])',
  'increase(requests_total{job="job-1"}[10m])',
  'topk(10, queue_length)',
  'sum by (job) (queue_length)',
  'max by (job) (queue_length)',
  'avg(queue_length)',
  'quantile(0.95, queue_length)',
  'count(queue_length > 900)',
  'max_over_time(queue_length{job="job-1"}[5m])',
];

/** Asks for all panels at once every few seconds. Returns the time of each refresh in ms. */
async function refreshUntil(isOver, query) {
  const times = [];
  while (!isOver()) {
    const startedAt = performance.now();
    await Promise.all(PANELS.map(query));
    times.push(performance.now() - startedAt);
    await sleep(Math.max(0, REFRESH_MS - times.at(-1)));
  }
  return times;
}

/**
 * Pushes samples, first alone and then beside the dashboard, and prints how long the pushes took.
 *
 * @param query sends a range query, and waits for its whole answer
 * @param end the end of the data, in seconds since the epoch
 */
export async function measurePushesBesideDashboard(url, query, end) {
  const bodies = makeBodies(PUSHES.samples);
  const push = (seconds) => load(url, bodies, PUSHES.connections, seconds, PUSHES.pauseMs);
  await push(2);
  const alone = await push(SECONDS);
  let isOver = false;
  const range = { start: end - SPAN_SECONDS, end, step: STEP_SECONDS };
  const refreshing = refreshUntil(
    () => isOver,
    (text) => query({ query: text, ...range }),
  );
  const beside = await push(SECONDS);
  isOver = true;
  const refreshes = await refreshing;
  console.log(
    `pushes of ${PUSHES.samples} samples, without and with a dashboard of ${PANELS.length} panels over an hour`,
  );
  for (const [name, { perSecond, failed, p50, p99 }] of Object.entries({ without: alone, with: beside })) {
    const latency = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    console.log(`  ${name.padEnd(8)} ${perSecond.toFixed(0).padStart(6)} requests/s, ${latency}, ${failed} failed`);
  }
  const slowest = Math.max(...refreshes).toFixed(0);
  console.log(`  the slowest of ${refreshes.length} refreshes took ${slowest} ms`);
}
