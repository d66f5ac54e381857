import type { SeededRandom } from './seeded-random.js';

const MINUTE_MS = 60_000;

/** A series that both sides of a comparison get. */
export interface RandomSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isCounter: boolean;
  /** The times in milliseconds since the epoch, in ascending order. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Milliseconds after a whole second. Queries use other parts of a second, so that no sample is at an edge. */
const MILLISECONDS_OF_SAMPLES = [511, 777];

const JOBS = ['api', 'batch', 'web'];
const BOUNDS = ['0.1', '0.5', '1', '5', '+Inf'];

/**
 * Returns gauges, counters and histograms with irregular samples, gaps and resets.
 *
 * Counters begin far above zero and never come near it, because Prometheus 3 has changed its guess of where a counter started.
 *
 * @returns series in the order of their labels; each has a sample at the start
 */
export function randomSeries(random: SeededRandom, fromMs: number, toMs: number): RandomSeries[] {
  const series: RandomSeries[] = [];
  const add = (name: string, labels: Record<string, string>, isCounter: boolean, valueOf: () => number) => {
    const times = sampleTimes(random, fromMs, toMs, name === 'sparse_level' ? 300 : random.pick([10, 15, 30, 60]));
    series.push({ name, labels, isCounter, times, values: times.map(() => valueOf()) });
  };
  for (const job of JOBS) {
    add('queue_limit', { job }, false, () => random.integer(1, 3) * 10);
    for (const instance of ['a1', 'a2', 'b1']) {
      if (random.isTrue(0.15)) continue;
      add('build_info', { job, instance, version: random.pick(['1.0', '1.1', '2.0']) }, false, () => 1);
      // These are small whole numbers, which are often equal. The values of the next two gauges hardly ever are.
      add('queue_length', { job, instance }, false, () => random.integer(-2, 5));
      add('temperature', { job, instance, zone: random.pick(['north', 'south']) }, false, () =>
        millionths(random.next() * 60 - 20),
      );
      add('sparse_level', { job, instance }, false, () => millionths(random.next() * 1000));
      for (const code of ['200', '404', '500']) {
        if (random.isTrue(0.7)) add('requests_total', { job, instance, code }, true, counter(random, 20));
        if (code !== '200') add('errors_total', { job, instance, code }, true, counter(random, 3));
      }
      addHistogram(series, random, { job, instance }, sampleTimes(random, fromMs, toMs, 30));
    }
  }
  return series.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Returns the labels in the order of their names, as Prometheus compares them. */
export function sortedLabels({ name, labels }: RandomSeries): [string, string][] {
  return Object.entries({ __name__: name, ...labels }).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function keyOf(series: RandomSeries): string {
  return sortedLabels(series)
    .map(([label, value]) => `${label}\0${value}`)
    .join('\0');
}

/** Returns irregular times, with gaps in which a series is absent for longer than Prometheus looks back. */
function sampleTimes(random: SeededRandom, fromMs: number, toMs: number, intervalSeconds: number): number[] {
  const times: number[] = [];
  let second = Math.ceil(fromMs / 1_000);
  while (second * 1_000 < toMs) {
    times.push(second * 1_000 + random.pick(MILLISECONDS_OF_SAMPLES));
    const jitter = random.isTrue(0.3) ? 1 + random.next() : 1;
    second += Math.max(1, Math.round(intervalSeconds * jitter));
    if (random.isTrue(0.01)) second += (random.integer(3, 12) * MINUTE_MS) / 1_000;
  }
  return times;
}

function counter(random: SeededRandom, most: number): () => number {
  let total = random.integer(100_000, 900_000);
  return () => {
    total += random.isTrue(0.2) ? 0 : random.integer(0, most);
    if (random.isTrue(0.01)) total = Math.floor(total * (0.7 + random.next() / 5));
    return total;
  };
}

function addHistogram(
  series: RandomSeries[],
  random: SeededRandom,
  labels: Record<string, string>,
  times: readonly number[],
): void {
  const counts = BOUNDS.map(() => 0);
  const rows = times.map((_, index) => {
    // The counts of the first row are large, so that no counter is near zero.
    for (let place = random.integer(0, 4); place < BOUNDS.length; place++) counts[place]! += random.integer(0, 9);
    if (index === 0) counts.forEach((_count, place) => (counts[place] = 100_000 * (place + 1)));
    for (let place = 1; place < counts.length; place++) counts[place] = Math.max(counts[place]!, counts[place - 1]!);
    return [...counts];
  });
  const add = (name: string, more: Record<string, string>, values: number[]) =>
    series.push({ name, labels: { ...labels, ...more }, isCounter: true, times, values });
  BOUNDS.forEach((le, place) =>
    add(
      'latency_seconds_bucket',
      { le },
      rows.map((row) => row[place]!),
    ),
  );
  add(
    'latency_seconds_count',
    {},
    rows.map((row) => row.at(-1)!),
  );
  add(
    'latency_seconds_sum',
    {},
    rows.map((row) => hundredths(row.at(-1)! * 0.37)),
  );
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function millionths(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
