import { answerQuery, type Point, pushedSeries } from '../../test/support/promql-query.js';
import type { QueryAnswer } from './evaluation/evaluate.js';
import { RANGE_FUNCTIONS } from './evaluation/range-functions/range-functions.js';
import type { HeldSteps, SelectedSeries } from './evaluation/series/series-source.js';
import { FUNCTIONS } from './syntax/functions.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The start lies on the grid, so that the numbers in the tests are easy to follow. */
const START = Date.UTC(2026, 0, 1);

const COUNTER: HeldSteps = { gridMs: 15 * SECOND, timeToLiveMs: Infinity, startsFromZero: true };
const GAUGE: HeldSteps = { gridMs: 15 * SECOND, timeToLiveMs: DAY, startsFromZero: false };

interface Times {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

function ask(query: string, { fromMs, toMs, stepMs }: Times, selected: SelectedSeries): QueryAnswer {
  const kind = fromMs === toMs ? 'instant' : 'range';
  return answerQuery(query, [selected], { kind, startMs: fromMs, endMs: toMs, stepMs, defaultView: 'held' });
}

/** Returns the points of the only series: pairs of a time, in seconds since the start, and a value. */
function valuesOf(query: string, times: Times, selected: SelectedSeries): [number, number][] {
  const answer = ask(query, times, selected);
  if (answer.resultType !== 'matrix' && answer.resultType !== 'vector') {
    throw new Error(`answered a ${answer.resultType}`);
  }
  const [only] = answer.result;
  return only === undefined ? [] : [...only.timestamps].map((time, at) => [(time - START) / SECOND, only.values[at]!]);
}

function at(seconds: number): Times {
  return { fromMs: START + seconds * SECOND, toMs: START + seconds * SECOND, stepMs: 0 };
}

describe('error of the increase of pushed counters', () => {
  const days = 3;
  const patterns: Record<string, (random: () => number) => number[]> = {
    'about every 20 minutes': (random) => pushTimes(() => -20 * MINUTE * Math.log(1 - random())),
    'about every hour': (random) => pushTimes(() => HOUR + (random() - 0.5) * 2 * MINUTE),
    'in bursts': (random) =>
      pushTimes(() => (random() < 0.9 ? random() * 20 * SECOND : -2 * HOUR * Math.log(1 - random()))),
    'every 10 seconds': () => pushTimes(() => 10 * SECOND),
  };

  function pushTimes(gap: () => number): number[] {
    const times: number[] = [];
    for (let time = START + gap(); time < START + days * DAY; time += gap()) {
      times.push(Math.ceil(time));
    }
    return times;
  }

  for (const [pattern, makeTimes] of Object.entries(patterns)) {
    const random = seededRandom(7);
    const deltas = makeTimes(random).map((time): [number, number] => [time, 1 + Math.floor(random() * 100)]);
    const held = pushedSeries('jobs_total', cumulated(deltas), COUNTER);
    const everyHour: Times = { fromMs: START + HOUR, toMs: START + days * DAY, stepMs: HOUR };
    const truth = (windowMs: number) =>
      hours(everyHour).map((end) => sum(deltas.filter(([time]) => time > end - windowMs && time <= end)));

    it(`is at most 2.5 % over an hour and 0.2 % over a day for pushes ${pattern}`, () => {
      expect(error(held, '1h', truth(HOUR))).toBeLessThan(0.025);
      expect(error(held, '24h', truth(DAY))).toBeLessThan(0.002);
    });

    it(`is exactly 0 for the pushed deltas themselves, ${pattern}`, () => {
      const raw = pushedSeries('jobs_total', deltas, null);
      const sums = everyHourOf('sum_over_time(jobs_total{__view__="delta"}[1h])', raw);
      expect(sums).toEqual(truth(HOUR));
    });

    function error(selected: SelectedSeries, range: string, expected: number[]): number {
      const estimates = everyHourOf(`increase(jobs_total[${range}])`, selected);
      const misses = estimates.map((estimate, hour) => Math.abs(estimate - expected[hour]!));
      return misses.reduce((a, b) => a + b, 0) / expected.reduce((a, b) => a + b, 0);
    }

    /** Returns the value for each hour, which is 0 if the answer has none for that hour. */
    function everyHourOf(query: string, selected: SelectedSeries): number[] {
      const values = new Map(valuesOf(query, everyHour, selected));
      return hours(everyHour).map((end) => values.get((end - START) / SECOND) ?? 0);
    }
  }
});

describe('a held value', () => {
  const pushes: Point[] = [
    [START + 20 * SECOND, 4],
    [START + 50 * SECOND, 7],
  ];

  it('has no gaps for a gauge that is pushed hourly', () => {
    const hourly = Array.from({ length: 24 }, (_, hour): Point => [START + hour * HOUR + 7 * SECOND, hour]);
    const everyMinute = { fromMs: START + MINUTE, toMs: START + DAY, stepMs: MINUTE };
    expect(valuesOf('temperature', everyMinute, pushedSeries('temperature', hourly, GAUGE))).toHaveLength(24 * 60);
    expect(valuesOf('rate(temperature[5m])', everyMinute, pushedSeries('temperature', hourly, GAUGE))).toHaveLength(
      24 * 60,
    );
  });

  it('is the value of the newest push', () => {
    const held = pushedSeries('x', pushes, GAUGE);
    expect(valuesOf('x', at(19), held)).toEqual([]);
    expect(valuesOf('x', at(20), held)).toEqual([[20, 4]]);
    expect(valuesOf('x', at(49), held)).toEqual([[49, 4]]);
    expect(valuesOf('x', at(36_000), held)).toEqual([[36_000, 7]]);
  });

  it('ends after its time to live', () => {
    const held = pushedSeries('x', pushes, { ...GAUGE, timeToLiveMs: 10 * SECOND });
    expect(valuesOf('x', at(29), held)).toEqual([[29, 4]]);
    expect(valuesOf('x', at(30), held)).toEqual([]);
    expect(valuesOf('x', at(59), held)).toEqual([[59, 7]]);
    expect(valuesOf('x', at(60), held)).toEqual([]);
    // The only grid point between 20 and 30 s is the one at the end, which is excluded.
    expect(valuesOf('x[5m]', at(300), held)).toEqual([]);
  });

  it('ends with a stale marker', () => {
    const held = pushedSeries('x', [...pushes, [START + 80 * SECOND, 'stale']], GAUGE);
    expect(valuesOf('x', at(79), held)).toEqual([[79, 7]]);
    expect(valuesOf('x', at(80), held)).toEqual([]);
    expect(valuesOf('x[5m]', at(300), held)).toEqual([
      [30, 4],
      [45, 4],
      [60, 7],
      [75, 7],
    ]);
  });

  it('was 0 for one grid step before the first push of a counter', () => {
    const held = pushedSeries('x_total', pushes, COUNTER);
    expect(valuesOf('x_total', at(4), held)).toEqual([]);
    expect(valuesOf('x_total', at(5), held)).toEqual([[5, 0]]);
    expect(valuesOf('x_total[1m]', at(60), held)).toEqual([
      [15, 0],
      [30, 4],
      [45, 4],
      [60, 7],
    ]);
  });

  it('extrapolates the increase of a young counter, as docs/promql.md says', () => {
    const first = pushedSeries('x_total', [[START + 20 * SECOND, 10]], COUNTER);
    const increaseAt = (seconds: number) => valuesOf('increase(x_total[1h])', at(seconds), first)[0]?.[1];
    expect([29, 30, 44, 45, 59, 620].map(increaseAt)).toEqual(
      [undefined, 10, (10 * 29) / 15, 10, (10 * 44) / 30, (10 * 605) / 600].map(
        (value) => value && expect.closeTo(value),
      ),
    );
  });

  it('does not continue into the future', () => {
    const held = pushedSeries('x', pushes, GAUGE);
    const seen = (query: string, seconds: number) =>
      answerQuery(query, [held], {
        startMs: START + seconds * SECOND,
        nowMs: START + 100 * SECOND,
        defaultView: 'held',
      });
    expect(seen('last_over_time(x[1h])', 200).result).toHaveLength(1);
    expect(seen('ts_of_last_over_time(x[1h])', 200).result).toMatchObject([
      { values: Float64Array.of(START / SECOND + 90) },
    ]);
    // A client whose clock is ahead still sees the value, for the lookback of 5 min, as in Prometheus.
    expect(seen('x', 400).result).toHaveLength(1);
    expect(seen('x', 401).result).toEqual([]);
  });

  it('has no points in a range between two grid points', () => {
    const held = pushedSeries('x', pushes, GAUGE);
    expect(valuesOf('count_over_time(x[10s])', at(59), held)).toEqual([]);
    expect(valuesOf('count_over_time(x[10s])', at(60), held)).toEqual([[60, 1]]);
  });

  it('shows the pushes themselves where the query asks for them', () => {
    const raw = pushedSeries('x', pushes, null);
    expect(valuesOf('x{__view__="raw"}[5m]', at(60), raw)).toEqual([
      [20, 4],
      [50, 7],
    ]);
    expect(valuesOf('x{__view__="raw"}', at(400), raw)).toEqual([]);
  });
});

describe('functions of a held range', () => {
  // New functions of the language are tested here automatically. Functions that need further arguments are left out, and so is
  // `absent_over_time`, which is not computed for each series.
  const functions = [...RANGE_FUNCTIONS.keys()].filter(
    (name) => FUNCTIONS.get(name)!.argumentTypes.length === 1 && name !== 'absent_over_time',
  );

  for (const name of functions) {
    it(`${name} gives the same result as over the single grid points`, () => {
      for (const seed of [1, 4]) {
        const random = seededRandom(seed);
        const held = pushedSeries('x_total', randomPushes(random), {
          gridMs: 15 * SECOND,
          timeToLiveMs: seed % 2 === 0 ? 3 * MINUTE : Infinity,
          startsFromZero: seed > 2,
        });
        for (const range of ['20s', '10m', '1h']) {
          const times = { fromMs: START, toMs: START + 3 * HOUR, stepMs: 107 * SECOND };
          const answers = valuesOf(`${name}(x_total[${range}])`, times, held);
          const written = valuesOf(`${name}(x_total[${range}])`, times, writtenOut(held));
          expect(answers.map(([time]) => time)).toEqual(written.map(([time]) => time));
          // Sums over runs are rounded less often than sums over points.
          expect(answers.filter(([, value], place) => Math.abs(value - written[place]![1]) > 1e-6)).toEqual([]);
        }
      }
    });
  }

  /** Generates random values with some decimals, which rise and fall, and occasional stale markers. */
  function randomPushes(random: () => number): Point[] {
    const pushes: Point[] = [];
    for (let time = START + random() * HOUR; time < START + 3 * HOUR; time += random() ** 4 * 20 * MINUTE) {
      pushes.push([Math.ceil(time) + pushes.length, random() < 0.1 ? 'stale' : Math.round(random() * 400) / 4]);
    }
    return pushes;
  }

  /** Expands the grid into points, by querying the value at each of its times. */
  function writtenOut(held: SelectedSeries): SelectedSeries {
    const grid = { fromMs: START, toMs: START + 3 * HOUR, stepMs: 15 * SECOND };
    return pushedSeries(
      'x_total',
      valuesOf('x_total', grid, held).map(([seconds, value]): Point => [START + seconds * SECOND, value]),
      null,
    );
  }
});

function cumulated(deltas: readonly (readonly [number, number])[]): Point[] {
  let total = 0;
  return deltas.map(([time, delta]) => [time, (total += delta)]);
}

function sum(pushes: readonly (readonly [number, number])[]): number {
  return pushes.reduce((total, [, delta]) => total + delta, 0);
}

function hours({ fromMs, toMs }: Times): number[] {
  const ends: number[] = [];
  for (let end = fromMs; end <= toMs; end += HOUR) {
    ends.push(end);
  }
  return ends;
}

/** Returns a mulberry32 generator, which gives the same numbers in each run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
