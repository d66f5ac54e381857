// Measures an exposition of 100,000 custom series: how long it takes, the longest time for which it blocks the event loop, and
// whether ten scrapes return the same bytes: npm run bench -- scrape [series]
import { createHash } from 'node:crypto';
import { median } from './median.mjs';
import { createDatabase, startService, TOKEN } from './processes.mjs';

const SAMPLES_PER_PUSH = 5_000;

export async function pushSeries(url, count) {
  for (let start = 0; start < count; start += SAMPLES_PER_PUSH) {
    const metrics = Array.from({ length: Math.min(SAMPLES_PER_PUSH, count - start) }, (_, offset) => {
      const series = start + offset;
      const labels = { method: 'GET', status: '200', region: 'eu', route: `/r/${series % 5_000}` };
      return { name: `requests_${Math.floor(series / 5_000)}_total`, value: series / 100, labels };
    });
    const response = await fetch(`${url}/api/client/metrics/custom`, {
      method: 'POST',
      headers: { Authorization: TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ metrics }),
    });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  }
}

async function scrape(url) {
  const startedAt = performance.now();
  const text = await (await fetch(`${url}/metrics`, { headers: { 'Accept-Encoding': 'identity' } })).text();
  return { ms: performance.now() - startedAt, text };
}

/**
 * Requests a health answer every few ms. The slowest answer is an upper bound of the time for which the event loop was blocked.
 */
async function watch(url, until) {
  let slowest = 0;
  while (!until.isOver) {
    const startedAt = performance.now();
    await (await fetch(`${url}/health/live`)).arrayBuffer();
    slowest = Math.max(slowest, performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return slowest;
}

export async function run([count = '100000']) {
  const database = await createDatabase();
  const service = await startService(database.url, {
    SERIES_PER_METRIC_LIMIT: '10000',
    SERIES_PER_TOKEN_LIMIT: '1000000',
  });
  try {
    await pushSeries(service.url, Number(count));
    await scrape(service.url);
    const until = { isOver: false };
    const watching = watch(service.url, until);
    const pages = [];
    for (let round = 0; round < 10; round++) pages.push(await scrape(service.url));
    until.isOver = true;
    const slowest = await watching;
    const custom = pages.map(({ text }) => text.slice(text.indexOf('# HELP requests_0_total')));
    const hashes = new Set(custom.map((text) => createHash('sha256').update(text).digest('hex')));
    // The service itself reports how long its event loop was blocked, without the noise of this process.
    const lag = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(pages.at(-1).text)?.[1];
    const times = pages.map(({ ms }) => ms);
    console.log(`series ${count}, page ${(pages[0].text.length / 2 ** 20).toFixed(1)} MiB`);
    console.log(`page, ms: median ${median(times).toFixed(0)}, slowest ${Math.max(...times).toFixed(0)}`);
    console.log(`slowest other request meanwhile, ms: ${slowest.toFixed(0)} (aim: no stretch over 50)`);
    console.log(`event loop lag, max as the service measured it, ms: ${(Number(lag) * 1000).toFixed(0)}`);
    console.log(`ten pages, ${hashes.size} different custom parts (aim: 1)`);
    const { rss } = await memoryOf(pages.at(-1).text);
    console.log(`resident memory, MiB: ${rss.toFixed(0)}`);
  } finally {
    await service.stop();
    await database.drop();
  }
}

async function memoryOf(page) {
  return { rss: Number(/^process_resident_memory_bytes (\S+)/m.exec(page)[1]) / 2 ** 20 };
}
