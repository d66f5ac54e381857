// Measures how long a probe on a new connection waits during a hundred concurrent scrapes. The scrapes and the probe run in
// separate processes, because a process that reads 250 MiB of answers is too busy to measure a wait:
// npm run bench -- burst [series] [scrapes]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, ROOT, startService } from './processes.mjs';
import { pushSeries } from './scrape.mjs';

const ROUNDS = 5;

/** Reads `count` expositions at the same time. Returns the number of bytes received in total. */
async function scrapeAll(url, count, encoding) {
  const { hostname, port } = new URL(url);
  const scrape = () =>
    new Promise((resolve, reject) => {
      const options = { hostname, port, path: '/metrics', agent: false, headers: { 'accept-encoding': encoding } };
      const request = http.get(options, (response) => {
        let bytes = 0;
        response.on('data', (chunk) => (bytes += chunk.length));
        response.on('end', () => resolve(bytes));
      });
      request.on('error', reject);
    });
  return (await Promise.all(Array.from({ length: count }, scrape))).reduce((sum, bytes) => sum + bytes, 0);
}

export async function run([series = '32000', scrapes = '100', url, encoding]) {
  if (url !== undefined) {
    console.log(await scrapeAll(url, Number(scrapes), encoding));
    return;
  }
  const database = await createDatabase();
  const service = await startService(database.url, {
    SERIES_PER_METRIC_LIMIT: '10000',
    SERIES_PER_TOKEN_LIMIT: '1000000',
  });
  const { hostname, port } = new URL(service.url);
  const probe = fork(path.join(ROOT, 'test/support/probe.mjs'), [hostname, port, String(service.pid)], {
    execArgv: [],
  });
  const takeGap = async () => {
    probe.send('take');
    return (await once(probe, 'message'))[0].gapMs;
  };
  try {
    await pushSeries(service.url, Number(series));
    for (const each of ['identity', 'gzip']) {
      const gaps = [];
      let mebibytes = 0;
      for (let round = 0; round < ROUNDS; round++) {
        await sleep(500);
        await takeGap();
        const args = [path.join(ROOT, 'bench/run.mjs'), 'burst', series, scrapes, service.url, each];
        const scraper = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        scraper.stdout.on('data', (chunk) => (text += chunk));
        await once(scraper, 'close');
        mebibytes = Number(text) / 2 ** 20;
        gaps.push(await takeGap());
      }
      const sorted = gaps.toSorted((a, b) => a - b).map((gap) => gap.toFixed(0));
      console.log(
        `${scrapes} scrapes of ${series} series, ${each}, ${mebibytes.toFixed(0)} MiB: a probe waits ${sorted.join(', ')} ms`,
      );
    }
  } finally {
    probe.disconnect();
    await service.stop();
    await database.drop();
  }
}
