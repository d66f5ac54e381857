import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { type RecordingTarget, startRecordingTarget } from '../support/recording-target.js';
import { getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const SOON_COMPACTED = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' };
const AWAY_MS = Number(process.env.FORWARDING_AWAY_MS ?? 60_000);
/** The time between two reports. The first one, with the target still there, is what the others are compared with. */
const REPORT_MS = Math.min(60_000, AWAY_MS / 3);
const PUSH_INTERVAL_MS = Number(process.env.FORWARDING_PUSH_INTERVAL_MS ?? 100);
const SERIES = 500;
const MIB = 1024 ** 2;
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
  }

  const pushAll = async (name: string) => {
    const items = Array.from({ length: SERIES }, (_, n) => ({ name, labels: { n }, value: 1 }));
    expect((await push(server, items)).status).toBe(202);
    pushed++;
  };
  const pushFor = async (name: string, ms: number, intervalMs = PUSH_INTERVAL_MS) => {
    const tookMs: number[] = [];
    for (const until = Date.now() + ms; Date.now() < until; await sleep(intervalMs)) {
      const beganAt = performance.now();
      await pushAll(name);
      tookMs.push(performance.now() - beganAt);
    }
    return tookMs.toSorted((a, b) => a - b);
  };
  const own = async (name: string) => valueOn(await scrape(server), name) ?? 0;
  const lag = async () =>
    (await getJson<{ forwarding: { lagSeconds: number } }>(server, '/health')).forwarding.lagSeconds;
  const lastOf = (name: string, n: number) => target.points(`${name}{${JOB},n="${n}"}`).at(-1)?.[1];

  /** Pushes for a while, and returns and prints the state at its end. */
  async function pushAndReport(about: string, name: string, ms: number) {
    const tookMs = await pushFor(name, ms);
    const page = await scrape(server);
    const { rows } = await store.client.query<{ waiting: number }>(
      'SELECT count(*)::int AS waiting FROM forwarding_row',
    );
    const report = {
      rss: valueOn(page, 'process_resident_memory_bytes')!,
      heap: valueOn(page, 'nodejs_heap_size_used_bytes')!,
      lagOnPage: valueOn(page, 'custom_metrics_forwarding_lag_seconds')!,
      lagInHealth: await lag(),
      waiting: rows[0]!.waiting,
      medianMs: tookMs[Math.floor(tookMs.length / 2)]!,
    };
    process.stderr.write(
      `${about}: RSS ${(report.rss / MIB).toFixed(0)} MiB, heap ${(report.heap / MIB).toFixed(0)} MiB, ` +
        `lag ${report.lagOnPage.toFixed(1)} s (/health ${report.lagInHealth} s), ${report.waiting} rows wait, ` +
        `${tookMs.length} pushes of ${SERIES} samples in ${report.medianMs.toFixed(1)} ms each ` +
        `(99 %: ${tookMs[Math.floor(tookMs.length * 0.99)]!.toFixed(1)} ms)\n`,
    );
    return report;
  }

  it(
    'takes no memory for the samples that wait, slows no push, and sends all of them afterwards',
    async () => {
      await start();
      await pushFor('away_total', REPORT_MS / 4);
      const before = await pushAndReport('target there', 'away_total', REPORT_MS);
      expect(before.lagInHealth).toBeLessThan(5);
      target.answerBy(() => ({ status: 503 }));
      const reports = [];
      for (let minute = 1; minute * REPORT_MS <= AWAY_MS; minute++) {
        reports.push(await pushAndReport(`away for ${(minute * REPORT_MS) / 1000} s`, 'away_total', REPORT_MS));
      }
      for (const [index, report] of reports.entries()) {
        // The lag is the age of the oldest sample that waits.
        const leastLag = ((index + 1) * REPORT_MS) / 1000 - 5;
        expect(report.lagOnPage).toBeGreaterThan(leastLag);
        expect(report.lagInHealth).toBeGreaterThan(leastLag);
        expect(report.rss).toBeLessThan(reports[0]!.rss + 60 * MIB);
        expect(report.heap).toBeLessThan(reports[0]!.heap + 60 * MIB);
        // Other programs may use the processors, so only a push that waits for the target is noticed for certain.
        expect(report.medianMs).toBeLessThan(3 * before.medianMs + 20);
      }
      expect(reports.at(-1)!.waiting).toBeGreaterThan(10);
      target.answerBy(() => undefined);
      const backAt = Date.now();
      await eventually(async () => expect(await lag()).toBeLessThan(3), { limitMs: 120_000, intervalMs: 500 });
      process.stderr.write(
        `the lag is below 3 s ${((Date.now() - backAt) / 1000).toFixed(1)} s after the target is back\n`,
      );
      // The lag must not fall before everything has arrived.
      for (let n = 0; n < SERIES; n++) expect(lastOf('away_total', n)).toBe(pushed);
      const values = target.points(`away_total{${JOB},n="7"}`).map(([, value]) => value);
      expect(values).toEqual([0, ...Array.from({ length: pushed }, (_, index) => index + 1)]);
      const after = await pushAndReport('target back', 'away_total', REPORT_MS / 4);
      expect(after.rss).toBeLessThan(reports[0]!.rss + 150 * MIB);
    },
    AWAY_MS + 600_000,
  );

  it('leaves out the oldest samples of a full queue, counts them, and continues with the right totals', async () => {
    await start({ REMOTE_WRITE_QUEUE_MAX_BYTES: '1MiB' });
    target.answerBy(() => ({ status: 503 }));
    await pushFor('full_total', 20_000, 20);
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
    expect(Number(rows[0]!.bytes)).toBeLessThan(4 * MIB);
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
