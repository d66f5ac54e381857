// Measures an aggregation over months of many series, each pushed every ten minutes: npm run bench -- wide [series] [days] [rounds]. With
// OTHER_DIST_DIR, another build of the service answers the same queries afterwards.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createDatabase, DIST, READ_TOKEN, ROOT, startService } from './processes.mjs';
import { openStore } from './open-store.mjs';

const DAY_MS = 24 * 3_600_000;
const PUSH_MS = 600_000;
const MEMBERS = 64;
/** Series of the same sender have the same times. */
const SERIES_PER_SENDER = 20;
/** Number of different blocks of a day. The blocks of all other buckets are copies of these. */
const VARIANTS = 16;
const COUNTRIES = 50;
const TICKS_PER_SECOND = 100;

const now = Date.now();
const today = Math.floor(now / DAY_MS) * DAY_MS;

/** Returns the samples of a bucket for a day. */
function membersOf(day) {
  const counts = DAY_MS / PUSH_MS;
  const times = Array.from({ length: Math.ceil(MEMBERS / SERIES_PER_SENDER) }, () => {
    const phase = Math.random() * PUSH_MS * 0.9;
    return Float64Array.from({ length: counts }, (_, push) =>
      Math.floor(today - day * DAY_MS + push * PUSH_MS + phase + Math.random() * PUSH_MS * 0.1),
    );
  });
  return Array.from({ length: MEMBERS }, (_, member) => ({
    member,
    times: times[Math.floor(member / SERIES_PER_SENDER)],
    values: Float64Array.from({ length: counts }, () => Math.floor(Math.random() * 10)),
    isDelta: true,
  }));
}

/** Stores merged blocks of series that were pushed every ten minutes for some days, with the totals of the series. */
export async function fill(store, series, days) {
  const { BlockEncoder } = await import(path.join(DIST, 'src/sample-store/archive/block/block-encoder.js'));
  const buckets = Math.ceil(series / MEMBERS);
  await store.query(`INSERT INTO metric (id, name, type) VALUES (1, 'visits_total', 'counter')`);
  await store.query(
    `INSERT INTO series (id, metric_id, identity, labels, temporality)
     SELECT id, 1, sha256(id::text::bytea),
            jsonb_build_object('country', 'c' || id % ${COUNTRIES}, 'page', '/p/' || id, 'host', 'h' || id / 20), 'delta'
     FROM generate_series(${MEMBERS}, ${MEMBERS - 1} + $1::int) AS id`,
    [series],
  );
  const encoder = new BlockEncoder();
  const totals = Array.from({ length: VARIANTS }, () => new Float64Array(MEMBERS));
  for (let day = days; day >= 1; day--) {
    for (let variant = 0; variant < VARIANTS; variant++) {
      const block = encoder.encode(membersOf(day));
      block.deltaSums.forEach((sum, member) => (totals[variant][member] += sum));
      await store.insertCopies(block, {
        from: today - day * DAY_MS,
        sampleCount: (MEMBERS * DAY_MS) / PUSH_MS,
        buckets: Array.from({ length: buckets }, (_, index) => index + 1).filter((n) => n % VARIANTS === variant),
      });
    }
  }
  await store.query(
    `UPDATE series SET total = ($1::float8[])[1 + (id / ${MEMBERS}) % ${VARIANTS} * ${MEMBERS} + id % ${MEMBERS}], total_low = 0, last_value = 1,
       last_at = $2, last_received_at = $2, last_writer_id = 1, last_sequence = 1, pushed_at = $2`,
    [totals.flatMap((each) => Array.from(each)), new Date(today - 1)],
  );
  await store.query('VACUUM ANALYZE');
}

const peakMemory = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Returns the CPU time of a process in ms, of all threads or of the main thread. */
function cpuOf(pid, isMain) {
  const file = isMain ? `/proc/${pid}/task/${pid}/stat` : `/proc/${pid}/stat`;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

async function ask(service, parameters) {
  const response = await fetch(`${service.url}/api/v1/query_range`, {
    method: 'POST',
    headers: { Authorization: READ_TOKEN },
    body: new URLSearchParams(parameters),
  });
  return { status: response.status, text: await response.text() };
}

export async function run([series = '100000', days = '30', rounds = '1']) {
  const database = await createDatabase();
  try {
    const store = await openStore(database.url, { migrate: true });
    await fill(store, Number(series), Number(days));
    await store.close();
    for (const [name, folder] of Object.entries({ this: undefined, other: process.env.OTHER_DIST_DIR })) {
      if (name === 'other' && folder === undefined) continue;
      const program = folder && path.resolve(ROOT, folder, 'server/main.js');
      const settings = { COMPACTION_INTERVAL_SECONDS: '3600', PROMQL_TIMEOUT: '30m' };
      const service = await startService(database.url, settings, program);
      console.log(
        `${name}: ${series} series × ${days} days; ${peakMemory(service.pid).toFixed(0)} MiB before the first query`,
      );
      for (let round = 0; round < Number(rounds); round++) {
        for (const [title, beside] of [
          ['at midnight', 0],
          ['at seven', 7 * 3_600_000],
        ]) {
          const before = [cpuOf(service.pid), cpuOf(service.pid, true)];
          const startedAt = performance.now();
          const { status, text } = await ask(service, {
            query: 'sum by (country) (increase(visits_total[1d]))',
            start: (today - (Number(days) - 1) * DAY_MS - beside) / 1000,
            end: (today - beside) / 1000,
            step: '1d',
          });
          const seconds = (performance.now() - startedAt) / 1000;
          const [all, main] = [cpuOf(service.pid) - before[0], cpuOf(service.pid, true) - before[1]];
          const found =
            status === 200 ? `${JSON.parse(text).data.result.length} groups` : `${status} ${text.slice(0, 120)}`;
          console.log(
            `  ${title}: ${found} in ${seconds.toFixed(1)} s; CPU of the service ${(all / 1000).toFixed(1)} s, of its main thread ` +
              `${(main / 1000).toFixed(1)} s; peak memory ${peakMemory(service.pid).toFixed(0)} MiB`,
          );
        }
      }
      await service.stop();
    }
  } finally {
    await database.drop();
  }
}
