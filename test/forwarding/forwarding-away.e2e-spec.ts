import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { type RecordingTarget, startRecordingTarget } from '../support/recording-target.js';
import { getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const SOON_COMPACTED = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' };
const AWAY_MS = Number(process.env.FORWARDING_AWAY_MS ?? 60_000);
const SERIES = 500;
const JOB = 'job="custom-metrics"';

/** The queue is measured every half minute. */
const QUEUE_CHECK_MS = 60_000;

describe('the forwarding to a target that is away', () => {
  let target: RecordingTarget;
  let server: TestServer;
  let pushed = 0;

  const store = storeUnderTest('each');

  beforeEach(async () => {
    target = await startRecordingTarget();
    pushed = 0;
  });

  afterEach(() => target.stop());

  async function start(settings: Record<string, string> = {}): Promise<void> {
    server = await store.start({ REMOTE_WRITE_URL: target.url, ...SOON_COMPACTED, ...settings });
    await eventually(() => expect(server.output()).toContain('The forwarding begins'));
    target.answerBy(() => ({ status: 503 }));
  }

  const pushAll = async (name: string) => {
    const items = Array.from({ length: SERIES }, (_, n) => ({ name, labels: { n }, value: 1 }));
    expect((await push(server, items)).status).toBe(202);
    pushed++;
  };
  const pushFor = async (name: string, ms: number) => {
    for (const until = Date.now() + ms; Date.now() < until; await sleep(20)) await pushAll(name);
  };
  const own = async (name: string) => valueOn(await scrape(server), name) ?? 0;
  const lag = async () =>
    (await getJson<{ forwarding: { lagSeconds: number } }>(server, '/health')).forwarding.lagSeconds;
  const lastOf = (name: string, n: number) => target.points(`${name}{${JOB},n="${n}"}`).at(-1)?.[1];

  it('takes no memory for the samples that wait, and sends all of them afterwards', async () => {
    await start();
    await pushFor('away_total', AWAY_MS / 3);
    const [early, lagBefore] = [await own('process_resident_memory_bytes'), await lag()];
    await pushFor('away_total', (AWAY_MS * 2) / 3);
    expect(await lag()).toBeGreaterThan(lagBefore);
    expect(await own('process_resident_memory_bytes')).toBeLessThan(early + 100 * 1024 ** 2);
    const { rows } = await store.client.query<{ n: string }>('SELECT count(*) AS n FROM forwarding_row');
    expect(Number(rows[0]!.n)).toBeGreaterThan(10);
    target.answerBy(() => undefined);
    await eventually(
      () => {
        for (let n = 0; n < SERIES; n++) expect(lastOf('away_total', n)).toBe(pushed);
      },
      { limitMs: 120_000, intervalMs: 500 },
    );
    const values = target.points(`away_total{${JOB},n="7"}`).map(([, value]) => value);
    expect(values).toEqual([0, ...Array.from({ length: pushed }, (_, index) => index + 1)]);
    await eventually(async () => expect(await lag()).toBeLessThan(3), { limitMs: 60_000 });
  });

  it('leaves out the oldest samples of a full queue, counts them, and continues with the right totals', async () => {
    await start({ REMOTE_WRITE_QUEUE_MAX_BYTES: '1MiB' });
    await pushFor('full_total', 20_000);
    await eventually(
      async () => {
        await pushAll('full_total');
        expect(await own('custom_metrics_forwarding_dropped_samples_total{reason="overdue"}')).toBeGreaterThan(0);
      },
      { limitMs: 2 * QUEUE_CHECK_MS, intervalMs: 250 },
    );
    expect(server.output()).toContain('have waited too long');
    const { rows } = await store.client.query<{ bytes: string }>(
      `SELECT pg_total_relation_size('forwarding_row') AS bytes`,
    );
    expect(Number(rows[0]!.bytes)).toBeLessThan(4 * 1024 ** 2);
    target.answerBy(() => undefined);
    await eventually(async () => expect(await lag()).toBeLessThan(3), { limitMs: 2 * QUEUE_CHECK_MS });
    await pushAll('full_total');
    // If even the newest samples found no room, the totals are computed again once nothing waits any more.
    await eventually(
      async () => {
        if (lastOf('full_total', 3) !== pushed) await pushAll('full_total');
        expect(lastOf('full_total', 3)).toBe(pushed);
      },
      { limitMs: 30_000, intervalMs: 3_000 },
    );
  });
});
