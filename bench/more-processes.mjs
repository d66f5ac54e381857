// Compares durable ingest with one and with two processes, by its throughput and by the CPU time of each part, and measures what
// a further process costs: npm run bench -- processes [seconds] [rounds]
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { makeBodies } from './bodies.mjs';
import { childrenOf, familySeconds, mainThreadSeconds, memoryOf, parentOf, processSeconds } from './cpu-time.mjs';
import { load } from './load.mjs';
import { median } from './median.mjs';
import { createDatabase, startService } from './processes.mjs';

const CONNECTIONS = 32;
const SIZES = [1, 100, 1_000];

/** Rows stay in the log, so that they can be counted, and no compaction adds CPU time. */
const WITHOUT_COMPACTION = { COMPACTION_HORIZON_SECONDS: '86400' };

/** A service on a database of its own. */
async function open(count) {
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows;
  const service = await startService(database.url, { ...WITHOUT_COMPACTION, PROCESSES: String(count) });
  await until(
    async () => count === 1 || (await (await fetch(`${service.url}/metrics`)).text()).includes(`process="${count}"`),
  );
  const pids = () => (count === 1 ? [service.pid] : childrenOf(service.pid));
  const postmaster = parentOf(pid);
  return {
    count,
    url: service.url,
    databaseUrl: database.url,
    primary: count === 1 ? undefined : service.pid,
    pids,
    rows: async () => Number((await client.query('SELECT count(*) FROM sample_batch')).rows[0].count),
    walBytes: async () => Number((await client.query(`SELECT pg_current_wal_lsn() - '0/0' AS bytes`)).rows[0].bytes),
    /** The CPU time so far, in seconds. */
    usage: () => ({
      main: sumOf(pids(), mainThreadSeconds),
      threads: sumOf(pids(), (each) => processSeconds(each) - mainThreadSeconds(each)),
      primary: count === 1 ? 0 : processSeconds(service.pid),
      postgres: familySeconds(postmaster),
    }),
    close: async () => {
      await service.stop();
      await client.end();
      await database.drop();
    },
  };
}

const sumOf = (items, of) => items.reduce((sum, item) => sum + of(item), 0);

async function until(check) {
  for (const giveUpAt = Date.now() + 60_000; !(await check().catch(() => false)); await sleep(200)) {
    if (Date.now() > giveUpAt) throw new Error('The processes were not ready within a minute.');
  }
}

/** Runs a load, and returns it with the CPU time of each part for each request, in microseconds. */
async function measure(service, bodies, seconds) {
  const [before, rowsBefore, walBefore] = [service.usage(), await service.rows(), await service.walBytes()];
  const result = await load(service.url, bodies, CONNECTIONS, seconds);
  if (result.failed > 0) throw new Error(`${result.failed} requests failed`);
  const after = service.usage();
  const requests = result.perSecond * seconds;
  const perRequest = Object.fromEntries(
    Object.keys(after).map((part) => [part, ((after[part] - before[part]) * 1e6) / requests]),
  );
  const walPerRequest = ((await service.walBytes()) - walBefore) / requests;
  return { ...result, ...perRequest, walPerRequest, requestsInRow: requests / ((await service.rows()) - rowsBefore) };
}

async function compareIngest(seconds, rounds) {
  const services = [await open(1), await open(2)];
  try {
    console.log(
      'samples/request  processes  requests/s  samples/s  p99 ms  requests/row | CPU in µs a request: main threads  other threads  primary  Postgres | main threads + Postgres in ms per 1,000 samples  WAL bytes a sample',
    );
    for (const samples of SIZES) {
      const bodies = makeBodies(samples);
      for (const service of services) await load(service.url, bodies, CONNECTIONS, 3);
      const measured = services.map(() => []);
      for (let round = 0; round < rounds; round++) {
        for (const [index, service] of services.entries()) {
          measured[index].push(await measure(service, bodies, seconds));
        }
      }
      for (const [index, { count }] of services.entries()) {
        const of = (key) => median(measured[index].map((each) => each[key]));
        console.log(
          [
            String(samples).padStart(15),
            String(count).padStart(10),
            of('perSecond').toFixed(0).padStart(11),
            (of('perSecond') * samples).toFixed(0).padStart(10),
            of('p99').toFixed(0).padStart(7),
            of('requestsInRow').toFixed(1).padStart(13),
            of('main').toFixed(0).padStart(36),
            of('threads').toFixed(0).padStart(14),
            of('primary').toFixed(1).padStart(8),
            of('postgres').toFixed(0).padStart(9),
            `${(of('main') / samples).toFixed(3)} + ${(of('postgres') / samples).toFixed(3)}`.padStart(48),
            (of('walPerRequest') / samples).toFixed(1).padStart(19),
          ].join(' '),
        );
      }
    }
    for (const service of services) {
      const each = service.pids().map((pid) => memoryOf(pid).toFixed(0));
      const primary = service.primary === undefined ? '' : `, primary ${memoryOf(service.primary).toFixed(0)}`;
      console.log(`memory after the load, MiB: ${service.count} process(es) ${each.join(' and ')}${primary}`);
    }
  } finally {
    for (const service of services) await service.close();
  }
}

/** Pushes to one server while another one on the same database only follows it. */
async function measureFollower(seconds) {
  const pushed = await open(1);
  const follower = await startService(pushed.databaseUrl, WITHOUT_COMPACTION);
  try {
    console.log(
      '\nsamples/request  rows/s  samples/row | CPU of a process that only follows: µs a row  ms per 1,000 samples',
    );
    for (const samples of SIZES) {
      const bodies = makeBodies(samples);
      await load(pushed.url, bodies, CONNECTIONS, 2);
      await sleep(1_000);
      const [rows, cpu] = [await pushed.rows(), processSeconds(follower.pid)];
      const { perSecond } = await load(pushed.url, bodies, CONNECTIONS, seconds);
      // The follower reads the last rows within a quarter of a second.
      await sleep(1_000);
      const [newRows, spent] = [(await pushed.rows()) - rows, processSeconds(follower.pid) - cpu];
      const stored = perSecond * seconds * samples;
      console.log(
        [
          String(samples).padStart(15),
          (newRows / seconds).toFixed(0).padStart(7),
          (stored / newRows).toFixed(0).padStart(12),
          ((spent * 1e6) / newRows).toFixed(0).padStart(45),
          ((spent * 1e6) / stored).toFixed(3).padStart(21),
        ].join(' '),
      );
    }
    const idle = processSeconds(follower.pid);
    await sleep(10_000);
    console.log(
      `a process without any load: ${((processSeconds(follower.pid) - idle) * 100).toFixed(0)} ms of CPU a second`,
    );
  } finally {
    await follower.stop();
    await pushed.close();
  }
}

/** Moves a filled log into blocks, and measures the CPU time and the write-ahead log that this takes. */
async function measureArchive(seconds) {
  const filled = await open(1);
  let archiver;
  try {
    const { perSecond } = await load(filled.url, makeBodies(100), CONNECTIONS, seconds * 4);
    const thousands = (perSecond * seconds * 4 * 100) / 1_000;
    const spentBefore = filled.usage().postgres;
    const walBefore = await filled.walBytes();
    archiver = await startService(filled.databaseUrl, {
      COMPACTION_HORIZON_SECONDS: '1',
      COMPACTION_INTERVAL_SECONDS: '1',
    });
    const started = processSeconds(archiver.pid);
    await until(async () => (await filled.rows()) === 0);
    const [service, postgres] = [processSeconds(archiver.pid) - started, filled.usage().postgres - spentBefore];
    const wal = (await filled.walBytes()) - walBefore;
    console.log(
      `\ncompaction of ${(thousands / 1_000).toFixed(1)} million samples, CPU in ms per 1,000 samples: ` +
        `service ${((service * 1_000) / thousands).toFixed(3)}, Postgres ${((postgres * 1_000) / thousands).toFixed(3)}; ` +
        `WAL ${(wal / thousands / 1_000).toFixed(1)} bytes a sample`,
    );
  } finally {
    await archiver?.stop();
    await filled.close();
  }
}

export async function run([seconds = '4', rounds = '3']) {
  await compareIngest(Number(seconds), Number(rounds));
  await measureFollower(Number(seconds));
  await measureArchive(Number(seconds));
}
