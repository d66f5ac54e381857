// Defines the shapes of data on which the sizes of blocks are compared. Each series covers six hours, or a day in one of the
// shapes. Blocks hold up to 64 series.

/** Returns a random source with a fixed seed, so that two runs and two programs measure the same samples. */
export function randomSource(seed) {
  // This is the generator "mulberry32".
  let state = seed >>> 0;
  const word = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const uniform = () => (word() >>> 5) / 2 ** 27;
  return {
    uniform,
    /** Returns a number from 0 to 1, exclusive, with 52 random bits, as `Math.random` does. */
    full: () => ((word() >>> 6) * 2 ** 26 + (word() >>> 6)) / 2 ** 52,
    between: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = uniform(); product > limit; product *= uniform()) count++;
      return count;
    },
  };
}

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const exact = (intervalMs, count) => () => Float64Array.from({ length: count }, (_, tick) => START + tick * intervalMs);
const jittered = (intervalMs, jitterMs, count) => (random) =>
  Float64Array.from(
    { length: count },
    (_, tick) => START + tick * intervalMs + random.between(0, 2 * jitterMs),
  ).toSorted();

/** Returns the running sum of a start value and steps, rounded to a number of decimals at each step. */
function walk(random, count, start, step, decimals) {
  let value = start;
  return Float64Array.from({ length: count }, () => {
    value += step();
    return Number(value.toFixed(decimals));
  });
}

const decimals = (random, count) => Float64Array.from({ length: count }, () => random.between(0, 99_999) / 100);
const small = (random, count) => Float64Array.from({ length: count }, () => random.poisson(5));

function latencySums(random, count, isRounded) {
  let sum = random.between(0, 1e9) / 1e6;
  return Float64Array.from({ length: count }, () => {
    sum += random.between(0, 350_000) / 1e6;
    return isRounded ? Number(sum.toFixed(6)) : sum;
  });
}

/**
 * The shapes, each with its name, the bytes of entropy per sample, the number of series that share their times, and the
 * functions that create the times and the values of a series. `missing` is the share of its client's pushes that a series misses.
 */
export const SHAPES = [
  {
    name: 'a: gauge, 2 random decimals, 10 s ± 1 s',
    entropy: 3.45,
    times: jittered(10_000, 1_000, 2_160),
    values: decimals,
  },
  {
    name: 'a, 20 share their times',
    entropy: 2.15,
    share: 20,
    times: jittered(10_000, 1_000, 2_160),
    values: decimals,
  },
  {
    name: 'b: random walk, 1 or 2 decimals, exact 15 s',
    entropy: 0.75,
    times: exact(15_000, 1_440),
    values: (random, count, series) => {
      const digits = 1 + (series % 2);
      return walk(random, count, 100, () => random.normal() * (digits === 1 ? 1 : 0.22), digits);
    },
  },
  {
    name: 'c: delta counter, small integers, 10 s ± 1 s',
    entropy: 1.77,
    times: jittered(10_000, 1_000, 2_160),
    values: small,
  },
  { name: 'c, 20 share their times', entropy: 0.47, share: 20, times: jittered(10_000, 1_000, 2_160), values: small },
  {
    name: 'd: cumulative counter, integers, exact 15 s',
    entropy: 0.56,
    times: exact(15_000, 1_440),
    values: (random, count) => walk(random, count, random.between(0, 1e6), () => random.poisson(30), 0),
  },
  {
    name: 'e: constant, exact 15 s',
    entropy: 0,
    times: exact(15_000, 1_440),
    values: (random, count) => new Float64Array(count).fill(random.between(0, 9_999) / 100),
  },
  {
    name: 'f: doubles of full entropy, exact 15 s',
    entropy: 6.5,
    times: exact(15_000, 1_440),
    values: (random, count) => Float64Array.from({ length: count }, random.full),
  },
  {
    name: 'g: pushed hourly, 6 in a block',
    entropy: 1.9,
    times: jittered(HOUR, 1_000, 6),
    values: (random, count) => Float64Array.from({ length: count }, () => random.poisson(20)),
  },
  {
    name: 'g, 24 in a block',
    entropy: 1.9,
    times: jittered(HOUR, 1_000, 24),
    values: (random, count) => Float64Array.from({ length: count }, () => random.poisson(20)),
  },
  {
    name: 'h: memory, multiples of 4,096, exact 15 s',
    entropy: 0.96,
    times: exact(15_000, 1_440),
    values: (random, count) =>
      walk(random, count, 50_000, () => Math.round(random.normal() * 50), 0).map((pages) => pages * 4_096),
  },
  {
    name: 'i: latency sums, 6 decimals, exact 15 s',
    entropy: 2.3,
    times: exact(15_000, 1_440),
    values: (random, count) => latencySums(random, count, true),
  },
  {
    name: 'i, added up in doubles',
    entropy: 2.3,
    times: exact(15_000, 1_440),
    values: (random, count) => latencySums(random, count, false),
  },
  {
    name: 'every 10 min, 36 in a block, 20 share',
    share: 20,
    times: jittered(600_000, 1_000, 36),
    values: small,
  },
  {
    name: 'c, 20 share, each misses 10 %',
    share: 20,
    missing: 0.1,
    times: jittered(10_000, 1_000, 2_160),
    values: small,
  },
  {
    name: 'd, 20 share, each misses 10 %',
    share: 20,
    missing: 0.1,
    times: exact(15_000, 1_440),
    values: (random, count) => walk(random, count, random.between(0, 1e6), () => random.poisson(30), 0),
  },
  {
    name: 'every 10 min, 20 share, each misses 10 %',
    share: 20,
    missing: 0.1,
    times: jittered(600_000, 1_000, 36),
    values: small,
  },
];

/**
 * The target sizes on disk of merged blocks for each shape, in bytes per sample. They include the overhead of rows and TOAST, which
 * adds 4 to 6 % to the payload of full blocks.
 */
const TARGETS = new Map([
  ['a', 4],
  ['a, 20 share their times', 2.6],
  ['b', 1.2],
  ['c', 2.3],
  ['c, 20 share their times', 0.9],
  ['d', 1],
  ['h', 1.7],
]);

/** Returns the target size of a shape, or undefined if it has none. */
export function targetOf(name) {
  return TARGETS.get(name) ?? TARGETS.get(name.split(':')[0]);
}

/** Creates the series of a shape in the form that the encoder takes. */
export function makeSeries({ share = 1, missing = 0, times, values }, count, seed) {
  const random = randomSource(seed);
  let shared;
  return Array.from({ length: count }, (_, series) => {
    if (series % share === 0) shared = times(random);
    let own = shared;
    let ownValues = values(random, own.length, series);
    if (missing > 0) {
      const kept = Array.from(own, () => random.uniform() >= missing);
      own = own.filter((_, index) => kept[index]);
      ownValues = ownValues.filter((_, index) => kept[index]);
    }
    return { member: series % 64, times: own, values: ownValues, isDelta: false };
  });
}
