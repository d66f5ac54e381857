// Measures how long the breakdown of a metric by a label with many values takes, and the bytes of its answer:
// npm run bench -- breakdown [values]
import { median } from './median.mjs';
import { createDatabase, READ_TOKEN, startService, TOKEN } from './processes.mjs';

const ITEMS_PER_PUSH = 5_000;
const PUSHES = 12;
const INTERVAL_MS = 10 * 60_000;
const ROUNDS = 7;

/** Pushes a counter with one series for each value and five regions, every ten minutes of the last two hours. */
async function push(url, values) {
  for (let pushes = PUSHES; pushes > 0; pushes--) {
    const timestamp = Date.now() - pushes * INTERVAL_MS;
    for (let first = 0; first < values; first += ITEMS_PER_PUSH) {
      const metrics = Array.from({ length: Math.min(ITEMS_PER_PUSH, values - first) }, (_, offset) => ({
        name: 'orders_total',
        value: 1 + ((first + offset + pushes) % 7),
        labels: { user: `user-${first + offset}`, region: `region-${offset % 5}` },
        timestamp,
      }));
      const response = await fetch(`${url}/api/client/metrics/custom`, {
        method: 'POST',
        headers: { Authorization: TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify({ metrics }),
      });
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    }
  }
}

export async function run([valuesText = '10000']) {
  const values = Number(valuesText);
  const database = await createDatabase();
  const service = await startService(database.url, { SERIES_PER_METRIC_LIMIT: String(values) });
  try {
    await push(service.url, values);
    for (const question of ['', '&label=region=region-1']) {
      const times = [];
      let bytes = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const startedAt = performance.now();
        const response = await fetch(`${service.url}/api/history/breakdown?metric=orders_total&from=-1h${question}`, {
          headers: { Authorization: READ_TOKEN, 'Accept-Encoding': 'identity' },
        });
        const body = await response.arrayBuffer();
        if (!response.ok) throw new Error(`${response.status} ${Buffer.from(body).toString()}`);
        times.push(performance.now() - startedAt);
        bytes = body.byteLength;
      }
      const [middle, fastest, slowest] = [median(times), Math.min(...times), Math.max(...times)].map((ms) =>
        ms.toFixed(0),
      );
      console.log(
        `${values} values, ${question || 'all series'}: ${middle} ms (${fastest} to ${slowest}; aim: 300), ${(bytes / 1000).toFixed(0)} kB (aim: 200)`,
      );
    }
  } finally {
    await service.stop();
    await database.drop();
  }
}
