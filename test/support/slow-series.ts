import { Metric, Series } from '../../src/catalog/series/series.js';
import { ArchiveWork } from './archive-work.js';
import { storeUnderTest } from './service-under-test.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The start of a day that is over. */
export const START = Math.floor((Date.now() - 4 * DAY) / DAY) * DAY;

/** A sample as it was pushed. */
interface Pushed {
  readonly series: Series;
  readonly at: number;
  readonly value: number;
}

/** A database with slow series, and the work on its archive. Every test begins without samples. */
export interface SlowSeries {
  readonly url: string;
  readonly work: ArchiveWork;
  /** Four gauges and four counters, in two buckets. */
  readonly series: readonly Series[];
  readonly pushed: readonly Pushed[];
  readonly query: (sql: string, values?: unknown[]) => Promise<unknown[]>;
  readonly count: (from: string) => Promise<number>;
  readonly push: (samples: readonly Pushed[]) => Promise<void>;
  /** Pushes a sample of each series for every hour of a day, and compacts each push separately. */
  readonly pushHourly: (day?: number) => Promise<void>;
  /** Expects that every sample is stored once, and that samples of equal times are in the order in which they were pushed. */
  readonly expectAll: () => Promise<void>;
}

/** Gives each test of a `describe` block a database of its own with slow series. */
export function slowSeries(): SlowSeries {
  const store = storeUnderTest('each');
  let work: ArchiveWork;
  let pushed: Pushed[];
  let sequence: number;
  let series: Series[];

  beforeEach(async () => {
    work = await ArchiveWork.open(store.url);
    pushed = [];
    sequence = 0;
    const metrics = [
      new Metric(1, 'level', 'gauge', new Date(START), null, null, null),
      new Metric(2, 'added_total', 'counter', new Date(START), 'delta', null, null),
    ];
    // These series are in two buckets.
    series = Array.from({ length: 8 }, (_, index) => {
      const metric = metrics[index % 2]!;
      return new Series(60 + index, index, metric, `n="${index}"`, metric.temporality, null, new Date(START));
    });
    for (const { id, name, type, temporality } of metrics) {
      await store.client.query('INSERT INTO metric (id, name, type, temporality) VALUES ($1, $2, $3, $4)', [
        id,
        name,
        type,
        temporality,
      ]);
    }
    for (const { id, metric } of series) {
      await store.client.query(
        `INSERT INTO series (id, metric_id, identity, labels) VALUES ($1, $2, $3, jsonb_build_object('n', $1::int))`,
        [id, metric.id, Buffer.from(String(id))],
      );
    }
  });

  afterEach(() => work.close());

  async function push(samples: readonly Pushed[]): Promise<void> {
    pushed.push(...samples);
    await store.client.query(
      `INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
       VALUES (1, $1, 'epoch', now(), $2, $3, $4)`,
      [
        ++sequence,
        samples.map(({ series: { id } }) => id),
        samples.map(({ at }) => at),
        samples.map(({ value }) => value),
      ],
    );
  }

  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  async function pushHourly(day = START): Promise<void> {
    for (let hour = 0; hour < 24; hour++) {
      await push(series.map((each) => ({ series: each, at: day + hour * HOUR + 7, value: hour + 0.5 })));
      await work.compact();
    }
  }

  async function expectAll(): Promise<void> {
    const found = await work.reader.read({ series, from: 0, to: START + 100 * DAY, maxSamples: 1_000_000 });
    for (const { series: each, timestamps, values } of found) {
      const expected = pushed.filter((sample) => sample.series === each).toSorted((a, b) => a.at - b.at);
      expect([...timestamps]).toEqual(expected.map(({ at }) => at));
      expect([...values]).toEqual(expected.map(({ value }) => value));
    }
    expect(await count('metric_sample')).toBe(pushed.length);
  }

  return {
    get url() {
      return store.url;
    },
    get work() {
      return work;
    },
    get series() {
      return series;
    },
    get pushed() {
      return pushed;
    },
    query: async (sql, values = []) => (await store.client.query<Record<string, unknown>>(sql, values)).rows,
    count,
    push,
    pushHourly,
    expectAll,
  };
}
