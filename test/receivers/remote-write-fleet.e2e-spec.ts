import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { type FleetOfTargets, startFleetOfTargets } from '../support/fleet-of-targets.js';
import { isInstalled, type Prometheus, type QueriedSeries, startPrometheusWith } from '../support/prometheus.js';
import { type ReadSamples, remoteRead } from '../support/remote-read.js';
import { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN, INGEST_TOKEN, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { steadyPort } from '../support/steady-port.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20261130);
/** The number of targets. FLEET_TARGETS sets another one, for a machine that is busy with other work. */
const TARGETS = Number(process.env.FLEET_TARGETS ?? 1_000);
const RACKS = 40;
const INTERVAL_SECONDS = 5;
const INTERVAL_MS = INTERVAL_SECONDS * 1_000;
const QUERIES = 200;

const NAMES = [
  'orders_total',
  'stock',
  'visitors',
  'took_seconds_bucket',
  'took_seconds_sum',
  'took_seconds_count',
  'up',
  'scrape_samples_scraped',
];

/** The kinds of faults, each of which ends processes without a warning. */
const FAULTS = ['service', 'prometheus', 'both', 'service', 'prometheus', 'service', 'both', 'prometheus'] as const;

/**
 * The time before its own end in which Prometheus may not have sent a sample yet. After a restart, it only sends what it scrapes
 * from then on, although it still has the older samples. It is killed only while it is not further behind than this.
 */
const UNSENT_MS = 10_000;
/** Less than a sixth of one scrape of all targets. One shard of Prometheus may be far behind while another has just sent its newest sample. */
const MOST_PENDING_SAMPLES = 2 * TARGETS;

const OF_RANGE = ['irate', 'delta', 'resets', 'changes', 'max_over_time', 'avg_over_time', 'count_over_time'];
/** Prometheus 2.42 extrapolates values near zero in another way than versions since 3.0, so only counters far from it are asked. */
const RATES = ['rate', 'increase'];
const AGGREGATIONS = ['sum by (rack)', 'max', 'count', 'avg by (le)', 'quantile by (rack) (0.5,'];

/** A time in which Prometheus ended, with samples that it has but did not send. */
interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

const hasPrometheus = isInstalled('prometheus');
const describePrometheus = hasPrometheus ? describe : describe.skip;

describePrometheus(`a Prometheus with ${TARGETS} targets${hasPrometheus ? '' : ' (skipped: not installed)'}`, () => {
  const random = new SeededRandom(SEED);
  const store = storeUnderTest('all');
  const gaps: Gap[] = [];
  let fleet: FleetOfTargets;
  let prometheus: Prometheus;
  let server: TestServer;
  let port: string;

  beforeAll(async () => {
    fleet = await startFleetOfTargets(TARGETS);
    port = String(await steadyPort());
    server = await store.start({ PORT: port, INGEST_RATE_LIMIT_PER_MINUTE: '0' });
    prometheus = await startPrometheusWith(JSON.stringify(configOf(server.url)));
  });

  // Prometheus ends before the service, because it would otherwise wait for a minute to send the rest.
  afterAll(async () => {
    await prometheus?.stop();
    await fleet?.stop();
  });

  function configOf(url: string): object {
    return {
      global: { scrape_interval: `${INTERVAL_SECONDS}s`, scrape_timeout: `${INTERVAL_SECONDS}s` },
      scrape_configs: [{ job_name: 'fleet', static_configs: fleet.staticConfigs }],
      remote_write: [
        {
          url: `${url}/api/v1/write`,
          authorization: { credentials: INGEST_TOKEN },
          queue_config: { batch_send_deadline: '200ms', min_backoff: '30ms', max_backoff: '200ms' },
          metadata_config: { send_interval: '5s' },
        },
      ],
    };
  }

  async function fail(kind: (typeof FAULTS)[number]): Promise<void> {
    const beganAt = Date.now();
    if (kind !== 'prometheus') await server.kill();
    if (kind !== 'service') {
      if (kind === 'both') await sleep(random.integer(500, 3_000));
      await prometheus.restart('SIGKILL');
      gaps.push({ fromMs: beganAt - UNSENT_MS, toMs: Date.now() });
    } else await sleep(random.integer(500, 5_000));
    if (kind !== 'prometheus') server = await store.start({ PORT: port, INGEST_RATE_LIMIT_PER_MINUTE: '0' });
  }

  const readBoth = async (metric: string, fromMs: number, toMs: number) =>
    Promise.all([
      remoteRead(server.url, metric, fromMs, toMs, ADMIN_TOKEN),
      remoteRead(prometheus.url, metric, fromMs, toMs),
    ]);

  it('sends every sample here once, although both sides are killed', async () => {
    const fromMs = Date.now() - INTERVAL_MS;
    await calm();
    for (const kind of FAULTS) {
      await fail(kind);
      await calm();
    }
    const toMs = Date.now();
    const counts = { series: 0, samples: 0, unsent: 0 };
    const times = new Map<string, number[]>();
    // What was scraped before the end is sent within some seconds, also if the service has just come back.
    await eventually(async () => {
      Object.assign(counts, { series: 0, samples: 0, unsent: 0 });
      times.clear();
      for (const metric of NAMES) {
        const [here, there] = await readBoth(metric, fromMs, toMs);
        expect(there.size).toBeGreaterThanOrEqual(TARGETS);
        expect([metric, Array.from(here.keys()).toSorted()]).toEqual([metric, Array.from(there.keys()).toSorted()]);
        for (const [labels, samples] of there) {
          compare(labels, here.get(labels)!, samples, counts);
          noteTimes(times, labels, samples);
        }
      }
    });
    expect(counts.unsent).toBeLessThan(counts.samples / 4);
    process.stderr.write(
      `${counts.series} series, ${counts.samples} samples here and there, ` +
        `${counts.unsent} that Prometheus had not sent when it was killed\n`,
    );
    await expectSameAnswers(times, fromMs, toMs);
  }, 1_800_000);

  /** Waits for a few scrapes of all targets. */
  async function calm(): Promise<void> {
    const { scrapes } = fleet;
    await sleep(random.integer(3 * INTERVAL_MS, 5 * INTERVAL_MS));
    await eventually(() => expect(fleet.scrapes).toBeGreaterThan(scrapes + 2 * TARGETS), { limitMs: 60_000 });
    await untilSent();
  }

  /** Waits until Prometheus has sent all but the last seconds. */
  async function untilSent(): Promise<void> {
    await eventually(
      async () => {
        const page = await (await fetch(`${prometheus.url}/metrics`)).text();
        const valueOf = (name: string) => Number(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(page)?.[1]);
        const scraped = valueOf('prometheus_remote_storage_highest_timestamp_in_seconds');
        const sent = valueOf('prometheus_remote_storage_queue_highest_sent_timestamp_seconds');
        expect(scraped - sent).toBeLessThanOrEqual(UNSENT_MS / 1_000 / 4);
        expect(valueOf('prometheus_remote_storage_samples_pending')).toBeLessThan(MOST_PENDING_SAMPLES);
      },
      { limitMs: 240_000 },
    );
  }

  const isInGap = (time: number) => gaps.some(({ fromMs, toMs }) => time >= fromMs && time <= toMs);

  function compare(
    labels: string,
    here: ReadSamples,
    there: ReadSamples,
    counts: { series: number; samples: number; unsent: number },
  ): void {
    const missing = Array.from(there).filter(([time]) => !here.has(time));
    const unexplained = missing.filter(([time]) => !isInGap(time));
    const others = Array.from(here).filter(([time, value]) => there.get(time) !== value);
    expect({ labels, unexplained, others, gaps }).toEqual({ labels, unexplained: [], others: [], gaps });
    counts.series++;
    counts.samples += here.size;
    counts.unsent += missing.length;
  }

  async function ask(url: string, query: string): Promise<QueriedSeries[]> {
    const response = await fetch(`${url}/api/v1/${query}`, { headers: { Authorization: ADMIN_TOKEN } });
    const { data, error } = (await response.json()) as { data?: { result: QueriedSeries[] }; error?: string };
    if (data === undefined) throw new Error(`${query}: ${error}`);
    return data.result;
  }

  async function expectSameAnswers(times: ReadonlyMap<string, number[]>, fromMs: number, toMs: number): Promise<void> {
    const stretches = stretchesBetween(gaps, fromMs, toMs);
    expect(stretches.length).toBeGreaterThan(2);
    let answered = 0;
    for (let index = 0; index < QUERIES; index++) {
      const rack = `rack-${random.integer(0, RACKS - 1)}`;
      const name = random.pick(NAMES);
      const stretch = random.pick(stretches);
      const rangeMs = random.integer(2, 4) * INTERVAL_MS;
      const expression = randomExpression(random, `${name}{rack="${rack}"}`, rangeMs);
      const end = freeMoment(times.get(rack)!, stretch.toMs);
      const steps = Math.floor((end - stretch.fromMs - rangeMs) / INTERVAL_MS);
      if (steps < 0) continue;
      const start = end - random.integer(0, steps) * INTERVAL_MS;
      const query = `query_range?query=${encodeURIComponent(expression)}&start=${start / 1_000}&end=${end / 1_000}&step=${INTERVAL_SECONDS}`;
      const [here, there] = await Promise.all([ask(server.url, query), ask(prometheus.url, query)]);
      expect([expression, start, end, byLabels(here)]).toEqual([expression, start, end, byLabels(there)]);
      if (here.length > 0) answered++;
    }
    process.stderr.write(`${answered} of ${QUERIES} range queries had the same values\n`);
    expect(answered).toBeGreaterThan(QUERIES / 2);
  }
});

function randomExpression(random: SeededRandom, selector: string, rangeMs: number): string {
  const functions = selector.startsWith('took') ? [...OF_RANGE, ...RATES] : OF_RANGE;
  const inner = random.isTrue(0.7) ? `${random.pick(functions)}(${selector}[${rangeMs / 1_000}s])` : selector;
  const aggregation = random.isTrue(0.5) ? random.pick(AGGREGATIONS) : '';
  if (aggregation === '') return inner;
  return aggregation.endsWith(',') ? `${aggregation} ${inner})` : `${aggregation} (${inner})`;
}

/** Returns the times without samples that Prometheus has not sent. They begin when each series has its next sample. */
function stretchesBetween(gaps: readonly Gap[], fromMs: number, toMs: number): Gap[] {
  const ends = [...gaps.map((gap) => gap.fromMs), toMs - INTERVAL_MS];
  const starts = [fromMs, ...gaps.map((gap) => gap.toMs)];
  return starts
    .map((start, index) => ({ fromMs: start + 2 * INTERVAL_MS, toMs: ends[index]! }))
    .filter((stretch) => stretch.toMs - stretch.fromMs > 3 * INTERVAL_MS);
}

function noteTimes(times: Map<string, number[]>, labels: string, samples: ReadSamples): void {
  const rack = new Map(JSON.parse(labels) as [string, string][]).get('rack')!;
  const known = times.get(rack) ?? [];
  known.push(...samples.keys());
  times.set(rack, known);
}

/**
 * Returns a time before `beforeMs` from which no sample is a whole number of scrape intervals away, because Prometheus 2.42 also counts a
 * sample at the very start of a window.
 */
function freeMoment(times: readonly number[], beforeMs: number): number {
  const taken = new Set(times.map((time) => time % INTERVAL_MS));
  for (let moment = Math.floor(beforeMs); moment > beforeMs - INTERVAL_MS; moment--) {
    if (!taken.has(moment % INTERVAL_MS)) return moment;
  }
  throw new Error('The samples have every possible time.');
}

/** Returns the values by labels, rounded, because the order in which an aggregation adds them up is not defined. */
function byLabels(series: readonly QueriedSeries[]): Record<string, unknown> {
  return Object.fromEntries(
    series
      .map(
        ({ metric, values }) =>
          [
            JSON.stringify(Object.entries(metric).toSorted(([one], [other]) => (one < other ? -1 : 1))),
            values
              .filter(([, value]) => value !== 'NaN')
              .map(([time, value]) => [time, Number(value).toPrecision(9)] as const),
          ] as const,
      )
      .filter(([, values]) => values.length > 0),
  );
}
