// Ingests at full speed for minutes, without and with compaction, and measures throughput, latency, memory and the sizes of the
// log and the archive: npm run bench -- soak [seconds] [samples per request]
import pg from 'pg';
import { makeBodies } from './bodies.mjs';
import { load } from './load.mjs';
import { createDatabase, startService } from './processes.mjs';
import { readFileSync } from 'node:fs';

const CONNECTIONS = 32;
const WINDOW_SECONDS = 30;

const memoryOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function soak(title, env, seconds, samples) {
  const database = await createDatabase();
  const service = await startService(database.url, env);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const bodies = makeBodies(samples);
    await load(service.url, bodies, CONNECTIONS, 5);
    console.log(`${title}\n   time  requests/s  samples/s  p50 ms  p99 ms  memory MiB  log MiB  blocks MiB`);
    const windows = [];
    for (let passed = 0; passed < seconds; passed += WINDOW_SECONDS) {
      const window = await load(service.url, bodies, CONNECTIONS, Math.min(WINDOW_SECONDS, seconds - passed));
      if (window.failed > 0) throw new Error(`${window.failed} requests failed`);
      windows.push(window);
      const { rows } = await client.query(`SELECT pg_total_relation_size('sample_batch') AS log,
        (SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relname LIKE 'sample_block_%_%t%' AND relkind = 'r') AS blocks`);
      console.log(
        [
          `${passed + WINDOW_SECONDS} s`.padStart(7),
          window.perSecond.toFixed(0).padStart(11),
          (window.perSecond * samples).toFixed(0).padStart(10),
          window.p50.toFixed(1).padStart(7),
          window.p99.toFixed(1).padStart(7),
          memoryOf(service.pid).toFixed(0).padStart(11),
          (rows[0].log / 2 ** 20).toFixed(0).padStart(8),
          (rows[0].blocks / 2 ** 20).toFixed(0).padStart(11),
        ].join(' '),
      );
    }
    const mean = (pick) => windows.reduce((sum, each) => sum + pick(each), 0) / windows.length;
    return { perSecond: mean(({ perSecond }) => perSecond), p99: mean(({ p99 }) => p99) };
  } finally {
    await client.end();
    await service.stop();
    await database.drop();
  }
}

export async function run([seconds = '300', samples = '100']) {
  const without = await soak(
    'without compaction',
    { COMPACTION_HORIZON_SECONDS: '86400' },
    Number(seconds),
    Number(samples),
  );
  const withCompaction = await soak('with compaction', {}, Number(seconds), Number(samples));
  console.log(
    `throughput with compaction: ${(withCompaction.perSecond / without.perSecond).toFixed(2)} of that without (aim: ≥ 0.75); ` +
      `p99 ${withCompaction.p99.toFixed(1)} ms with, ${without.p99.toFixed(1)} ms without`,
  );
}
