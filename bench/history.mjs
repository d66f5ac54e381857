// Measures the time and memory of queries of 90 days of history, for one series and for a thousand, before and after small blocks
// are merged: npm run bench -- history [series] [days]
import { readFileSync } from 'node:fs';
import { createDatabase, READ_TOKEN, startService } from './processes.mjs';
import { openStore } from './open-store.mjs';

const DAY_MS = 24 * 3600 * 1000;
const INTERVAL_MS = 600_000;
/**
 * The number of ticks whose samples one compaction moves. In production, a compaction moves the samples of half a minute. That
 * would be one tick here, and preparing the data would take a day.
 */
const TICKS_PER_COMPACTION = 18;

async function write(store, seriesCount, days) {
  await store.query(`INSERT INTO metric (id, name, type) VALUES (1, 'requests_total', 'counter')`);
  await store.query(
    `INSERT INTO series (metric_id, identity, labels, temporality)
     SELECT 1, sha256(n::text::bytea), jsonb_build_object('route', '/r/' || n), 'delta' FROM generate_series(1, $1::int) n`,
    [seriesCount],
  );
  const ticks = Math.floor((days * DAY_MS) / INTERVAL_MS);
  const start = Date.now() - ticks * INTERVAL_MS;
  const seriesIds = Int32Array.from({ length: seriesCount }, (_, index) => index + 1);
  for (let tick = 0; tick < ticks; tick++) {
    await store.append({
      seriesIds,
      timestamps: Float64Array.from(
        seriesIds,
        () => start + tick * INTERVAL_MS + Math.floor(Math.random() * INTERVAL_MS),
      ),
      values: Float64Array.from(seriesIds, () => Math.round(Math.random() * 1e4) / 100),
    });
    if (tick % TICKS_PER_COMPACTION === TICKS_PER_COMPACTION - 1)
      await store.compactAll(TICKS_PER_COMPACTION * seriesCount);
  }
  await store.compactAll(TICKS_PER_COMPACTION * seriesCount);
  await store.query('ANALYZE');
  return ticks * seriesCount;
}

const peakMemory = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Sends each query twice to a new process, so that the measured memory is that of this query only. */
async function ask(database, days, title) {
  const from = `from=-${days}d`;
  const questions = {
    'one series, increase by day': `query?metric=requests_total&label=route=/r/1&aggregate=increase&step=1d&${from}`,
    'one series, every sample as CSV': `samples?metric=requests_total&label=route=/r/1&${from}`,
    'all series, increase by day': `query?metric=requests_total&aggregate=increase&step=1d&${from}`,
    'all series, running total by hour': `query?metric=requests_total&aggregate=last&step=1h&${from}`,
    'all series, every sample as CSV': `samples?metric=requests_total&${from}`,
    'all series, the last hour': 'query?metric=requests_total&aggregate=increase&step=1m&from=-1h',
  };
  console.log(title);
  for (const [name, question] of Object.entries(questions)) {
    const service = await startService(database.url, {
      HISTORY_MAX_SAMPLES: '100000000',
      COMPACTION_INTERVAL_SECONDS: '3600',
    });
    const before = peakMemory(service.pid);
    const times = [];
    let bytes = 0;
    for (let round = 0; round < 2; round++) {
      const startedAt = performance.now();
      const accept = name.endsWith('CSV') ? 'text/csv' : 'application/json';
      const response = await fetch(`${service.url}/api/history/${question}`, {
        headers: { Authorization: READ_TOKEN, Accept: accept, 'Accept-Encoding': 'identity' },
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      bytes = 0;
      for await (const chunk of response.body) bytes += chunk.length;
      times.push(performance.now() - startedAt);
    }
    const [first, second] = times.map((ms) => `${ms.toFixed(0)} ms`.padStart(9));
    const memory = `+${(peakMemory(service.pid) - before).toFixed(0)} MiB`;
    console.log(
      `  ${name.padEnd(36)} ${first}, again ${second}, ${memory.padStart(8)}, ${(bytes / 2 ** 20).toFixed(1)} MiB of answer`,
    );
    await service.stop();
  }
}

export async function run([series = '1000', days = '90']) {
  const database = await createDatabase();
  try {
    await (await startService(database.url)).stop();
    const store = await openStore(database.url);
    const samples = await write(store, Number(series), Number(days));
    const countBlocks = async () => (await store.query('SELECT count(*) AS n FROM sample_block'))[0].n;
    await ask(
      database,
      days,
      `${samples} samples of ${series} series over ${days} days, ${await countBlocks()} blocks`,
    );
    await store.mergeAll();
    await store.query('VACUUM ANALYZE');
    await ask(database, days, `merged, ${await countBlocks()} blocks`);
    await store.close();
  } finally {
    await database.drop();
  }
}
